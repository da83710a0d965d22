# SPDX-License-Identifier: GPL-3.0-or-later
# Sourced by tests after common.sh: a real Slurm of one node, for root on a machine without systemd.
# All that it keeps is below the scratch folder, with its own key, sockets and ports, so that it
# neither meets nor disturbs another Slurm. What was started is stopped when the test ends, however
# it ends; should even the test's shell be killed, after two minutes.
PATH=$PATH:/usr/sbin:/sbin
slurm=$scratch/slurm
slurm_daemons=

# Why there can be no Slurm here, or nothing.
slurm_why_not() {
	[ "$(id -u)" -eq 0 ] || {
		echo "only root may start a Slurm that runs jobs"
		return
	}
	for program in munged slurmctld slurmd sbatch scontrol; do
		command -v $program >/dev/null || {
			echo "there is no $program (packages slurmctld, slurmd, slurm-client, munge)"
			return
		}
	done
}

# A port that nobody listens on, at or above $1.
slurm_port() {
	port=$1
	while cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | grep -q "$(printf ':%04X ' "$port")"; do
		port=$((port + 1))
	done
	echo "$port"
}

# slurm_configure FIRST-PORT MAX-ARRAY-SIZE
slurm_configure() {
	name=$(hostname)
	name=${name%%.*}
	controller=$(slurm_port "$1")
	cat >"$slurm/slurm.conf" <<END
ClusterName=test
SlurmctldHost=$name(127.0.0.1)
SlurmctldPort=$controller
SlurmdPort=$(slurm_port $((controller + 1)))
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$slurm/munge.sock
CredType=cred/munge
StateSaveLocation=$slurm/state
SlurmdSpoolDir=$slurm/spool
SlurmctldPidFile=$slurm/slurmctld.pid
SlurmdPidFile=$slurm/slurmd.pid
SlurmctldLogFile=$slurm/slurmctld.log
SlurmdLogFile=$slurm/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
MaxArraySize=$2
SlurmdParameters=config_overrides
SchedulerParameters=batch_sched_delay=0,sched_interval=1
MinJobAge=300
KillWait=5
NodeName=$name NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=main Nodes=$name Default=YES MaxTime=INFINITE State=UP
END
}

# slurm_daemon NAME COMMAND...: keeps it running, for two minutes at most
slurm_daemon() {
	log=$slurm/$1.start
	shift
	timeout -k 1 120 "$@" >"$log" 2>&1 </dev/null &
	slurm_daemons="$! $slurm_daemons"
}

slurm_kill() {
	for pid in $slurm_daemons; do
		kill "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
	done
	slurm_daemons=
}

# Jobs outlive the daemon that started them, so they are ended first.
slurm_stop() {
	[ -n "$slurm_daemons" ] || return 0
	timeout 5 squeue -h -o %A 2>/dev/null | xargs -r timeout 5 scancel 2>/dev/null
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		[ -n "$(timeout 5 squeue -h 2>/dev/null)" ] || break
		sleep 0.5
	done
	slurm_kill
}

slurm_idle() {
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		[ "$(timeout 5 sinfo -h -o %T 2>/dev/null)" = idle ] && return
		sleep 0.5
	done
	return 1
}

# slurm_start MAX-ARRAY-SIZE: 0 when its node is idle; else what its daemons said is printed, the last line why
slurm_start() {
	mkdir -p "$slurm/state" "$slurm/spool" || return
	export SLURM_CONF="$slurm/slurm.conf"
	trap 'slurm_stop; chmod -R u+w "$scratch"; rm -rf "$scratch"' EXIT
	trap 'exit 99' HUP INT TERM
	(umask 077 && head -c 128 /dev/urandom >"$slurm/munge.key")
	for try in 0 1 2; do
		# what suits a machine with control groups; then what starts without
		[ $try -eq 0 ] || echo 'CgroupPlugin=cgroup/v1' >"$slurm/cgroup.conf"
		slurm_daemon munged munged --foreground --force --key-file="$slurm/munge.key" \
			--socket="$slurm/munge.sock" --pid-file="$slurm/munged.pid" \
			--log-file="$slurm/munged.log" --seed-file="$slurm/munge.seed" --num-threads=2
		for _ in 1 2 3 4 5 6 7 8 9 10; do
			[ -S "$slurm/munge.sock" ] && break
			sleep 0.2
		done
		# below the ports that the kernel hands out; another test of the same kind begins elsewhere
		slurm_configure $((20000 + ($$ + try * 1000) % 12000)) "$1"
		slurm_daemon slurmctld slurmctld -D -c
		slurm_daemon slurmd slurmd -D -c
		slurm_idle && return
		slurm_kill
	done
	tail -n 20 "$slurm"/*.start "$slurm"/*.log
	why=$(cat "$slurm/slurmd.log" 2>/dev/null | sed -n 's/^\[[^]]*\] error: //p' | head -n 1)
	echo "${why:-its node does not get idle}"
	return 1
}

# slurm_wait SECONDS: until no job waits or runs
slurm_wait() {
	tenths=$(($1 * 10))
	while [ -n "$(timeout 5 squeue -h 2>/dev/null)" ]; do
		tenths=$((tenths - 2))
		[ $tenths -gt 0 ] || return 1
		sleep 0.2
	done
}

# slurm_exit_codes JOB: the exit codes of an array's tasks, or of a job, in order
slurm_exit_codes() {
	timeout 5 scontrol -o show job "$1" |
		sed -nE 's/.*ArrayTaskId=([0-9]+) .*ExitCode=([0-9]+):.*/\1 \2/p; t; s/.*ExitCode=([0-9]+):.*/0 \1/p' |
		sort -n | awk '{ printf "%s%s", (NR > 1 ? " " : ""), $2 } END { print "" }'
}
