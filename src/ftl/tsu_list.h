/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Policies of the transaction scheduler: TSU_POLICY(symbol, "name", whole channel, classes, reads first, fair, "doc"),
 * the members of struct tsu_policy.
 */
TSU_POLICY(fifo, "fifo", true, false, false, false,
	"each channel begins its transactions in the order of their arrival; the first waits for its die, and all others for it")
TSU_POLICY(out_of_order, "out-of-order", false, false, false, false,
	"each die begins its transactions in the order of their arrival, whatever the other dies do")
TSU_POLICY(read_priority, "read-priority", false, true, true, false,
	"in each die reads before programs before erases, of each the higher priority first; as out-of-order else")
TSU_POLICY(fair, "fair", false, true, false, true,
	"after FLIN: reads of flows with little waiting pass those of flows with much; of reads, programs and erases those go "
	"that have waited longer in proportion to their own time; by priority else")
