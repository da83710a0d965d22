#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A sweep by a real GNU parallel, on two hosts by ssh: what its parts make is what one process makes; what
# failed is told, and alone is run again. With sshd installed, and root to start it, the hosts are this one by a real ssh with
# keys of its own; else a program stands in for ssh.
. "$(dirname "$0")/common.sh"

command -v parallel >/dev/null && parallel --version 2>/dev/null | grep -q '^GNU parallel' || {
	skip 'there is no GNU parallel (package parallel)'
	finish
}

cat >s.yaml <<'END'
base:
  include: [quantum-atlas-10k.yaml]
  workload: {type: random, request: 4 KiB, requests: 200}
axes:
  disk0.rpm: [5400 rpm, 7200 rpm, 10000 rpm, 15000 rpm]
  workload.depth: [1, 4]
END

# ---- hosts "one" and "two": what is called in place of ssh, as PARALLEL_SSH

sshd=
stop_sshd() {
	[ -z "$sshd" ] || kill "$sshd" 2>/dev/null
	[ -z "$sshd_folder" ] || rmdir /run/sshd 2>/dev/null
}
sshd_folder=

# A real sshd; 1 where there can be none.
real_ssh() {
	[ "$(id -u)" -eq 0 ] && [ -x /usr/sbin/sshd ] && command -v ssh ssh-keygen >/dev/null || return 1
	[ -d /run/sshd ] || {
		mkdir -m 755 /run/sshd || return
		sshd_folder=made
	}
	port=$((20000 + $$ % 12000))
	ssh-keygen -q -t ed25519 -N '' -f host-key && ssh-keygen -q -t ed25519 -N '' -f user-key || return
	cat >sshd.conf <<-END
		ListenAddress 127.0.0.1:$port
		HostKey $scratch/host-key
		PidFile none
		AuthorizedKeysFile $scratch/user-key.pub
		StrictModes no
		UsePAM no
		PasswordAuthentication no
		PermitRootLogin yes
	END
	cat >ssh.conf <<-END
		Host *
		HostName 127.0.0.1
		Port $port
		IdentityFile $scratch/user-key
		UserKnownHostsFile /dev/null
		StrictHostKeyChecking no
		LogLevel ERROR
	END
	timeout 120 /usr/sbin/sshd -D -f "$scratch/sshd.conf" -E "$scratch/sshd.log" </dev/null >/dev/null 2>&1 &
	sshd=$!
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		ssh -F ssh.conf one true 2>/dev/null && return
		sleep 0.2
	done
	return 1
}

trap 'stop_sshd; chmod -R u+w "$scratch"; rm -rf "$scratch"' EXIT
trap 'exit 99' HUP INT TERM
if real_ssh; then
	echo "hosts by a real ssh"
	reach="exec ssh -F '$scratch/ssh.conf' \"\$@\""
else
	echo "hosts by a stand-in for ssh"
	# Some versions of parallel write -- before the command. Like sshd it sets SHELL, which parallel runs the job by,
	# and begins at home.
	reach='while [ "${1#-}" != "$1" ]; do shift; done; shift; [ "$1" != -- ] || shift
cd "${HOME:-/}" 2>/dev/null || cd /
SHELL=/bin/sh exec sh -c "$*"'
fi
# Host two is down while there is a file of this name.
cat >ssh-to <<END
#!/bin/sh
case " \$* " in
*' two '*) [ ! -e '$scratch/two-is-down' ] || exit 255 ;;
esac
$reach
END
chmod +x ssh-to
export PARALLEL_SSH="$scratch/ssh-to"
export PARALLEL_HOME="$scratch/parallel-home"
mkdir parallel-home

# ---- one host is down, then not

good 'the whole' sweep run s.yaml -o whole -q
good 'a script' sweep emit parallel s.yaml --shards 4 -j 1 -o "folder of it's"
mv out run.sh
log="folder of it's/parallel-4.joblog"
touch two-is-down
timeout 60 sh run.sh --sshlogin one,two >said 2>&1
code=$?
holds "it exits as the first shard that failed: $code" test $code -eq 255
ran=$(awk -F '\t' 'NR > 1 && $7 == 0' "$log" | wc -l)
holds "what was on the other host ran: $ran of 4" test "$ran" -ge 1 -a "$ran" -lt 4
holds 'what is missing is named' grep -q '^missing: point [1-8], disk0.rpm = ' said
rm two-is-down
timeout 60 sh run.sh --sshlogin one,two >said 2>&1
code=$?
holds "again, it ends well: $code, $(tail -n 3 said)" test $code -eq 0
holds 'what had failed ran, and nothing else' test "$(awk -F '\t' 'NR > 1' "$log" | wc -l)" -eq $((8 - ran))
holds 'both hosts took part' test "$(awk -F '\t' 'NR > 1 { print $2 }' "$log" | sort -u | wc -l)" -eq 2
holds 'the shards are the whole' cmp "folder of it's/sweep.csv" whole/sweep.csv
holds 'the tables too' cmp "folder of it's/sweep.db" whole/sweep.db

# ---- here, without hosts; exit codes are passed on

rm -r "folder of it's"
holds 'all of it here' sh -c 'timeout 60 sh run.sh >said 2>&1'
holds 'gives the same' cmp "folder of it's/sweep.csv" whole/sweep.csv
rm -r "folder of it's"
sed 's/workload.depth/workload.dpeth/' s.yaml >broken.yaml
mv broken.yaml s.yaml
timeout 60 sh run.sh >said 2>&1
code=$?
holds "it exits as the shards: $code" test $code -eq 3

finish
