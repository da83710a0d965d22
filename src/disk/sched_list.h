/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The drive's schedulers: SCHED(symbol, name, looks at place, doc), disk_pick_symbol(). By distance: sched_seek.c;
 * by batches: sched_batch.c; by time: sched_time.c.
 */
SCHED(fcfs, "fcfs", false, "first come, first served; O(1)")
SCHED(sstf, "sstf", true, "shortest seek time first: the nearest cylinder; O(queue)")
SCHED(scan, "scan", true,
	"the nearest cylinder in the present direction; with none left the arm goes on to the edge and turns; O(queue)")
SCHED(scan_lbn, "scan-lbn", false, "scan by LBN, from where the last command ended; O(queue)")
SCHED(cscan, "c-scan", true,
	"the nearest cylinder in rising order; with none left the arm goes on to the edge and back over the "
	"whole stroke to the first cylinder; O(queue)")
SCHED(cscan_lbn, "c-scan-lbn", false, "c-scan by LBN, from where the last command ended; O(queue)")
SCHED(look, "look", true,
	"the nearest cylinder in the present direction; with none left the arm turns where it is; O(queue)")
SCHED(look_lbn, "look-lbn", false, "look by LBN, from where the last command ended; O(queue)")
SCHED(clook, "c-look", true,
	"nearest cylinder in rising order, from the top back to the lowest waiting one; O(queue)")
SCHED(clook_lbn, "c-look-lbn", false,
	"nearest LBN in rising order from where the last command ended, from the top back to the lowest; O(queue)")
SCHED(vscan, "vscan", true,
	"between sstf and look: a turn of direction is charged queue.scan_bias of the cylinders; O(queue)")
SCHED(sdf, "sdf", false, "shortest distance first: the LBN nearest to where the last command ended; O(queue)")
SCHED(fscan, "f-scan", true,
	"look over the commands that waited when the sweep began; what comes in waits for the next one; O(queue)")
SCHED(nstep, "n-step-scan", true, "look over the queue.step_commands oldest commands, then over the next ones; O(queue)")
SCHED(batch, "batch", true, "sptf over the commands that waited when the batch began; O(queue)")
SCHED(sptf, "sptf", true,
	"shortest positioning time first: seek, settle and rotational wait, exactly; O(queue)")
SCHED(asptf, "asptf", true,
	"aged sptf: positioning time less queue.age_weight thousandths of the time waited; O(queue)")
SCHED(wptf, "wptf", true,
	"weighted sptf: positioning time times what is left of queue.age_scale after the time waited; O(queue)")
SCHED(spctf, "spctf", true,
	"sptf that knows the buffer: commands it serves without the arm go first; O(queue x segments)")
SCHED(satf, "satf", true, "shortest access time first: positioning and transfer; O(queue)")
