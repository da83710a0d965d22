/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How commands come to the controller and data go back: FRONT(symbol, name, doc); front_ops_symbol in front_symbol.c. */
FRONT(nvme, "nvme", "submission and completion queues in host memory, over PCIe")
FRONT(sata, "sata", "native command queueing over one half-duplex link")
FRONT(none, "none", "costs nothing: commands and data are there at once")
