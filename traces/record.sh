#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Records the block requests of a real program on a file system of its own: makes a file,
# a loop device over it and an ext4 file system, prepares the program's data, drops them
# from memory by unmounting, then runs the program while the block tracepoints of that one
# device are on. The result is text as blkparse prints it, with addresses relative to the
# loop device and times from the first event. Everything made on the way is removed at the
# end, also after an error or Ctrl-C.
#
# traces/FORMATS.md tells how the recordings beside this script were made with it.
set -eu
LC_ALL=C
export LC_ALL

me=${0##*/}
size=8G            # of the device: fits on a 9.1 GB disk
actions=Q          # which of Q (queued), D (issued to the driver), C (completed) to keep
out=               # result; by default JOB.blkparse.gz or JOB.iolog.gz here
base=/var/tmp      # where the backing file and all scratch files go
tarball=           # what the build job builds
seconds=           # how long the timed jobs run
user=postgres      # who runs the database server, which refuses to be root
room_mib=96        # for the events of one processor; about 90 bytes each
tracing=/sys/kernel/tracing

usage() {
	cat <<END
usage: $me [-o FILE] [-s SIZE] [-a ACTIONS] [-w DIR] [-t SECONDS] JOB
       $me [options] build TARBALL
       $me [options] -- COMMAND [ARGUMENT]...

  -o FILE     result (default: JOB.blkparse.gz, for fio JOB.iolog.gz)
  -s SIZE     size of the device, as truncate takes it (default $size)
  -a ACTIONS  events to keep, of Q, D and C (default $actions)
  -w DIR      folder for the backing file, on a real disk with room (default $base)
  -t SECONDS  how long pgbench and fio run (default 240 each)

jobs, and the Debian packages they need beside util-linux and e2fsprogs:
  pgbench   PostgreSQL under a steady load: 12 transactions/s, Poisson (postgresql)
  sqlite    SQLite: bulk load, index, cold look-ups, small transactions (sqlite3)
  build     unpack TARBALL cold, configure, make, install, clean (gcc, make)
  sort      external merge sort in 64 MiB of memory (coreutils)
  fio       mixed random job on the bare device, logged by fio itself (fio)
  -- ...    any command, run in the empty file system

Needs root and a kernel with loop devices and block tracepoints.
END
}

say() { echo "$me: $*" >&2; }
die() { say "$*"; exit 1; }

# need TOOL PACKAGE
need() { command -v "$1" >/dev/null || die "$1 not found (Debian: apt-get install $2)"; }

# ---- the device -------------------------------------------------------------------------

dir='' dev='' trace='' job_pid='' group=''

cleanup() {
	status=$?
	trap '' HUP INT TERM
	set +e
	if [ -n "$job_pid" ]; then
		kill -TERM "-$job_pid" 2>/dev/null
		wait "$job_pid" 2>/dev/null
	fi
	server=$dir/mnt/data/postmaster.pid # the database server left the group
	[ -n "$dir" ] && [ -f "$server" ] && kill -QUIT "$(head -n 1 "$server")"
	[ -z "$trace" ] || { echo 0 >"$trace/events/block/enable"; rmdir "$trace"; }
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		mountpoint -q "$dir/mnt" || break
		umount "$dir/mnt" 2>/dev/null || sleep 1
	done
	[ -z "$dev" ] || losetup -d "$dev"
	[ -z "$group" ] || rmdir "$group" 2>/dev/null
	if [ -n "$dir" ] && mountpoint -q "$dir/mnt"; then
		say "$dir/mnt is still busy: unmount it and remove $dir by hand"
	elif [ -n "$dir" ]; then
		rm -rf "$dir"
	fi
	exit "$status"
}

make_device() {
	dir=$(mktemp -d "$base/quern-record.XXXXXX")
	chmod 711 "$dir"
	mkdir "$dir/mnt"
	fallocate -l "$size" "$dir/image" 2>/dev/null || truncate -s "$size" "$dir/image"
	dev=$(losetup --find --show --direct-io=on "$dir/image" 2>/dev/null) ||
		dev=$(losetup --find --show "$dir/image") || die "no loop device could be set up"
	[ "$(losetup -n -O DIO "$dev" | tr -d ' ')" = 1 ] ||
		say "no direct I/O to the backing file: completions are those of the page cache"
	# the usual 128 KiB of read-ahead; on some disks loop devices begin with megabytes
	blockdev --setra 256 "$dev"
}

make_filesystem() {
	# no lazy initialisation: it would write into the recording long after
	mkfs.ext4 -q -F -E lazy_itable_init=0,lazy_journal_init=0,nodiscard "$dev"
}

mount_filesystem() { mount -o discard "$dev" "$dir/mnt"; }

# ---- the recording ----------------------------------------------------------------------

# An instance of the kernel's tracing of our own, with room for all events, read at the end:
# a reader at work during the run would mix up the processors and make requests itself. (perf
# record serves less well: in a virtual machine it missed each event that was raised while
# a processor was idle, a quarter of all completions.)
start_trace() {
	number=$(stat -c '%Hr %Lr' "$dev")
	trace=$tracing/instances/quern-record.$$
	mkdir "$trace"
	echo 0 >"$trace/options/overwrite"
	echo mono >"$trace/trace_clock"
	echo $((room_mib * 1024)) >"$trace/buffer_size_kb"
	for event in block_bio_queue block_rq_issue block_rq_complete; do
		# the kernel's own dev_t
		echo "dev == $((${number% *} << 20 | ${number#* }))" >"$trace/events/block/$event/filter"
		echo 1 >"$trace/events/block/$event/enable"
	done
}

stop_trace() {
	echo 0 >"$trace/events/block/enable"
	cat "$trace/trace" >"$dir/trace"
	if grep -h -E '^(overrun|dropped events): [1-9]' "$trace"/per_cpu/cpu*/stats >&2; then
		die "the trace buffer ran over: the recording would have holes; make the run shorter"
	fi
	rmdir "$trace"
	trace=''
}

# Lines of the kernel's trace to lines of blkparse. An empty flush has no sector and no length
# there: `Q FWS [name]`, and `C FF 0 [0]`. The trace counts microseconds.
#    postgres-8021 [001] ..... 803.918185: block_bio_queue: 7,0 WS 20377144 + 8 [postgres]
#    postgres-8021 [001] ..... 803.918196: block_rq_issue: 7,0 WS 4096 () 20377144 + 8 be,0,4 [postgres]
#      <idle>-0    [001] ..s.. 803.918519: block_rq_complete: 7,0 WS () 20377144 + 8 be,0,4 [0]
to_blkparse() {
	awk -v keep="$1" '
	match($0, / \[[0-9]+\] [^ ]+ +[0-9]+\.[0-9]+: block_[a-z]+_[a-z]+: /) {
		task = substr($0, 1, RSTART - 1)
		event = substr($0, RSTART + RLENGTH)
		split(substr($0, RSTART, RLENGTH), head, " ")
		sub(/ +$/, "", task)
		sub(/^.*-/, "", task)
		action = head[4] ~ /bio_queue/ ? "Q" : head[4] ~ /rq_issue/ ? "D" : "C"
		split(head[3], t, /[.:]/)
		if (!begun) { begun = 1; second = t[1]; micro = t[2] }
		s = t[1] - second
		us = t[2] - micro
		if (us < 0) { s--; us += 1000000 }
		if (!index(keep, action))
			next
		cpu = substr(head[1], 2) + 0
		fields = split(event, f, " ")
		for (plus = 4; plus < fields && f[plus] != "+"; plus++)
			;
		split(f[1], number, ",")
		sector = f[plus - 1] == "18446744073709551615" ? 0 : f[plus - 1]
		where = f[plus + 1] > 0 ? sector " + " f[plus + 1] " " : action == "C" ? sector " " : ""
		name = event
		sub(/^.*[0-9] \[/, "[", name)
		printf "%3s,%-3s %2d %8d %5d.%06d000 %5s %2s %3s %s%s\n", number[1], number[2], cpu,
			++sequence[cpu], s, us, task, action, f[2], where, name
	}'
}

# ---- the jobs: prepare_X is not recorded, run_X is; both start in the file system -------

as_user() { setpriv --reuid="$user" --regid="$user" --init-groups -- "$@"; }

find_postgres() {
	PATH=$PATH:$(find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1)
	need initdb postgresql
	need pgbench postgresql
	id "$user" >/dev/null 2>&1 || die "there is no user $user to run the database server"
	PGHOST=$dir/socket PGUSER=postgres PGDATABASE=postgres
	export PATH PGHOST PGUSER PGDATABASE
}

start_postgres() {
	as_user pg_ctl -s -w -D "$PWD/data" -l "$PWD/log" start -o "-k $PGHOST -c listen_addresses= \
		-c shared_buffers=32MB -c checkpoint_timeout=60s -c max_wal_size=1GB -c autovacuum=on"
}

stop_postgres() { as_user pg_ctl -s -w -D "$PWD/data" -m fast stop; }

prepare_pgbench() {
	find_postgres
	mkdir -p "$PGHOST"
	chown "$user" . "$PGHOST"
	as_user initdb -D "$PWD/data" -U postgres -A trust --locale=C >/dev/null
	start_postgres
	as_user pgbench -q -i -s 100 2>/dev/null
	stop_postgres
}

run_pgbench() {
	find_postgres
	start_postgres
	as_user pgbench -n -c 8 -j 2 -R 12 -T "${seconds:-240}" --random-seed=1 \
		-b tpcb-like@3 -b select-only@1 >&2
	stop_postgres
}

prepare_sqlite() { need sqlite3 sqlite3; }

# One customer table and one of orders, as a small shop would have it.
sqlite_load() {
	awk 'BEGIN {
		srand(1)
		print "PRAGMA synchronous=FULL; PRAGMA cache_size=-8192;"
		print "CREATE TABLE customer(id INTEGER PRIMARY KEY, name TEXT, town TEXT, note TEXT);"
		print "CREATE TABLE orders(id INTEGER PRIMARY KEY, customer INT, day INT, cents INT, text TEXT);"
		for (i = 1; i <= 400000; i++) {
			if (i % 20000 == 1) print "BEGIN;"
			printf "INSERT INTO orders VALUES(%d,%d,%d,%d,\"%0*d\");\n", i, 1 + rand() * 50000,
				rand() * 3650, rand() * 1e6, 60 + rand() * 120, i
			if (i % 8 == 0)
				printf "INSERT INTO customer VALUES(%d,\"name %d\",\"town %d\",\"%0*d\");\n",
					i / 8, i, rand() * 900, 50 + rand() * 200, i
			if (i % 20000 == 0) { print "COMMIT;"; print ".shell sleep 1" }
		}
	}'
}

sqlite_queries() {
	awk 'BEGIN {
		srand(2)
		for (i = 0; i < 600; i++) {
			printf "SELECT c.name, count(*), sum(o.cents) FROM customer c JOIN orders o ON " \
				"o.customer = c.id WHERE c.id = %d;\n", 1 + rand() * 50000
			if (i % 10 == 9) print ".shell sleep 1"
		}
	}'
}

sqlite_transactions() {
	awk 'BEGIN {
		srand(3)
		print "PRAGMA synchronous=FULL;"
		for (i = 1; i <= 400; i++) {
			c = int(1 + rand() * 50000)
			printf "BEGIN; INSERT INTO orders VALUES(NULL,%d,3650,%d,\"new\"); UPDATE customer " \
				"SET note = \"seen %d\" WHERE id = %d; COMMIT;\n", c, rand() * 1e6, i, c
			print ".shell sleep " (i % 50 ? 0.3 : 5)
		}
	}'
}

run_sqlite_load() {
	sqlite_load | sqlite3 shop.db
	echo 'CREATE INDEX by_customer ON orders(customer); CREATE INDEX by_day ON orders(day);' |
		sqlite3 shop.db
}

run_sqlite_use() {
	sqlite_queries | sqlite3 shop.db >/dev/null
	sqlite_transactions | sqlite3 shop.db
}

prepare_build() {
	need make make
	need gcc gcc
	[ -f "$tarball" ] || die "build needs the tar archive of a source package with a configure script"
	cp "$tarball" package.tar
	mkdir tmp
}

run_build_unpack() { tar xf package.tar; }

run_build_make() {
	TMPDIR=$PWD/tmp
	export TMPDIR
	cd -- "$(dirname -- */configure)"
	{
		./configure --disable-static --prefix="$TMPDIR/../usr" CFLAGS=-O1
		make -j2
		make -j2 check TESTS= # builds the tests, runs none
		make install
		sync -f .
		sleep 5
		make clean
	} >>"$dir/log" 2>&1
}

prepare_sort() {
	mkdir tmp
	awk 'BEGIN {
		srand(1)
		for (i = 0; i < 5000000; i++)
			printf "%012.0f %08d a line of some fifty characters %d\n", rand() * 1e12, i, i
	}' >unsorted
}

# Less memory than data, or the page cache would hide the temporary files.
limit_memory() {
	if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
		echo +memory >/sys/fs/cgroup/cgroup.subtree_control
		file=memory.max
	else
		file=memory.limit_in_bytes
	fi
	mkdir "$group"
	echo "$1" >"$group/$file"
	echo "$$" >"$group/cgroup.procs"
}

run_sort() {
	limit_memory 64M
	sort -S 8M --batch-size=8 -T tmp -o sorted unsorted
	rm unsorted
	sleep 2
	sort -c sorted
}

run_fio() {
	fio --name=mixed --filename="$dev" --size="$size" --direct=1 --ioengine=libaio --iodepth=4 \
		--rw=randrw --rwmixread=70 --bssplit=4k/60:8k/20:16k/20 --norandommap --randseed=1 \
		--random_distribution=zoned:60/10:30/30:10/60 --rate_iops=42,18 --rate_process=poisson \
		--fdatasync=64 --time_based --runtime="${seconds:-240}" --write_iolog="$dir/iolog" >&2
}

# ---- from here on, one after the other --------------------------------------------------

# The job runs as `setsid record.sh --inside STEP ...` to be a process group of its own.
inside() {
	step=$1 dir=$2 dev=$3 size=$4 seconds=$5 tarball=$6 group=$7
	shift 7
	[ "$step" = run_fio ] || cd "$dir/mnt"
	case $step in
	run_command) "$@" ;;
	*) "$step" ;;
	esac
}

step() {
	what=$1
	shift
	setsid sh "$script" --inside "$what" "$dir" "$dev" "$size" "$seconds" "$tarball" "$group" "$@" &
	job_pid=$!
	if ! wait "$job_pid"; then
		job_pid=''
		tail -n 20 "$dir/log" 2>/dev/null >&2 || :
		die "$what failed"
	fi
	job_pid=''
}

if [ "${1-}" = --inside ]; then
	shift
	inside "$@"
	exit
fi

while getopts o:s:a:w:t:h option; do
	case $option in
	o) out=$OPTARG ;;
	s) size=$OPTARG ;;
	a) actions=$OPTARG ;;
	w) base=$OPTARG ;;
	t) seconds=$OPTARG ;;
	h) usage; exit 0 ;;
	*) usage >&2; exit 2 ;;
	esac
done
ended=
[ "$OPTIND" -gt 1 ] && eval "[ \"\${$((OPTIND - 1))}\" = -- ]" && ended=yes
shift $((OPTIND - 1))
[ $# -gt 0 ] || { usage >&2; exit 2; }
if [ -n "$ended" ]; then
	job='command'
else
	job=$1
	shift
fi
case $job in
pgbench | sqlite | sort | fio | command) ;;
build) tarball=$(readlink -f -- "${1-}") || die "build needs the name of a source archive" ;;
*) usage >&2; exit 2 ;;
esac

case $actions in
*[!QDC]* | '') die "-a $actions: want some of the letters Q, D and C" ;;
esac
[ "$(id -u)" = 0 ] || die "must be root, to set up a loop device and trace the kernel"
script=$(readlink -f -- "$0")
need losetup util-linux
need mkfs.ext4 e2fsprogs
if [ "$job" = fio ]; then
	need fio fio
elif [ ! -d "$tracing/instances" ]; then
	die "$tracing is not there: mount -t tracefs tracefs $tracing"
fi
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
	group=/sys/fs/cgroup/quern-record.$$
else
	group=/sys/fs/cgroup/memory/quern-record.$$
fi

out=${out:-$job.$([ "$job" = fio ] && echo iolog || echo blkparse).gz}
[ ! -e "$out" ] || die "$out is there already: -o names another file"
touch "$out" 2>/dev/null || die "$out cannot be written"
rm "$out"

trap cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

make_device
if [ "$job" = fio ]; then
	step run_fio
	gzip -9n <"$dir/iolog" >"$dir/result"
else
	make_filesystem
	mount_filesystem
	case $job in
	pgbench | sqlite | build | sort)
		say "preparing $job"
		step "prepare_$job"
		;;
	esac
	umount "$dir/mnt"
	say "recording $job"
	case $job in # the parts of a run; each begins with nothing of the file system in memory
	sqlite) parts="run_sqlite_load run_sqlite_use" ;;
	build) parts="run_build_unpack run_build_make" ;;
	*) parts=run_$job ;;
	esac
	start_trace
	for part in $parts; do
		mount_filesystem
		step "$part" "$@"
		umount "$dir/mnt"
	done
	stop_trace
	to_blkparse "$actions" <"$dir/trace" | gzip -9n >"$dir/result"
fi
mv "$dir/result" "$out"
say "wrote $out"
