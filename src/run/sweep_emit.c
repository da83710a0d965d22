/* SPDX-License-Identifier: GPL-3.0-or-later */
/* POSIX shell scripts, which hold every word of the sweep's commands in single quotes. */
#include "run/sweep_emit.h"

#include <string.h>

#include "run/sweep_engine_list.h"
#include "sim/config.h"

void sweep_emit_word(const char *word, FILE *out)
{
	fputc('\'', out);
	for (; *word; word++) {
		if (*word == '\'')
			fputs("'\\''", out);
		else
			fputc(*word, out);
	}
	fputc('\'', out);
}

static void option(const char *name, const char *value, FILE *out)
{
	fprintf(out, " %s ", name);
	sweep_emit_word(value, out);
}

/* "quern sweep COMMAND FILE -o FOLDER" with what the command line said of the points. */
static void command(const struct sweep_script *s, const char *name, FILE *out)
{
	if (s->devices) {
		fputs("env QUERN_DEVICES=", out);
		sweep_emit_word(s->devices, out);
		fputc(' ', out);
	}
	sweep_emit_word(s->program, out);
	option(name, s->sweep, out);
	option("-o", s->output, out);
	for (const char *const *d = s->include_dirs; d && *d; d++)
		option("-I", *d, out);
	for (const char *const *set = s->sets; set && *set; set++)
		option("--set", *set, out);
}

/* A comment goes to the end of its line, whatever a file is called. */
static void comment(const char *text, FILE *out)
{
	for (; *text; text++)
		fputc(*text == '\n' || *text == '\r' ? '?' : *text, out);
}

static void head(const struct sweep_script *s, const char *where, const char *usage, FILE *out)
{
	fputs("#!/bin/sh\n# The sweep ", out);
	comment(s->sweep, out);
	fprintf(out, " %s: %zu points in %zu shards, into\n# ", where, s->points, s->shards);
	comment(s->output, out);
	fprintf(out, "\n# Run again, it runs what is missing. Made by `quern sweep emit`.\n#     %s\n", usage);
}

/* OUTPUT/slurm/NAME as sbatch wants it: it takes % for itself. */
static void slurm_log(const struct sweep_script *s, const char *name, FILE *out)
{
	fputs("--output='", out);
	for (const char *c = s->output; *c; c++) {
		if (*c == '%')
			fputc('%', out);
		if (*c == '\'')
			fputs("'\\'", out);
		fputc(*c, out);
	}
	fprintf(out, "/slurm/%s'", name);
}

static void slurm_arrays(const struct sweep_script *s, FILE *out)
{
	fprintf(out, "arrays=\nfirst=1\nwhile [ $first -le %zu ]; do\n\ttasks=$((%zu - first + 1))\n", s->shards, s->shards);
	fputs("\t[ $tasks -le \"$largest\" ] || tasks=$largest\n"
	      "\tarray=$(sbatch --parsable --job-name=quern-sweep --array=0-$((tasks - 1)) \\\n"
	      "\t\t", out);
	if (s->jobs)
		fprintf(out, "--cpus-per-task=%u ", s->jobs);
	/* TERM half a minute before the time is up: the points under way may end */
	fputs("--signal=B:TERM@30 --open-mode=append ", out);
	slurm_log(s, "shard-%A_%a.log", out);
	fputs(" \\\n\t\t--export=ALL,QUERN_FIRST_SHARD=$first \"$@\" <<'SHARD'\n#!/bin/sh\nexec ", out);
	command(s, "sweep run", out);
	fprintf(out, " --resume -j \"${SLURM_CPUS_PER_TASK:-1}\" \\\n"
		"\t--shard $((QUERN_FIRST_SHARD + SLURM_ARRAY_TASK_ID))/%zu\nSHARD\n", s->shards);
	fputs("\t)\n\tarrays=$arrays:${array%%;*}\n\tfirst=$((first + tasks))\ndone\n", out);
}

static void emit_slurm(const struct sweep_script *s, FILE *out)
{
	head(s, "on Slurm", "sh SCRIPT [--wait] [OPTION OF sbatch]...", out);
	fputs("# --wait: until the last job is over, and exit as it did: 0 when every point is there.\n"
	      "set -eu\n"
	      "wait=\n"
	      "if [ \"${1-}\" = --wait ]; then\n"
	      "\twait=--wait\n"
	      "\tshift\n"
	      "fi\n\n"
	      "# So many tasks may a job array have here.\n"
	      "largest=$(scontrol show config | sed -nE 's/^MaxArraySize *= *([0-9]+).*/\\1/p')\n"
	      "[ \"${largest:-0}\" -gt 0 ] || {\n"
	      "\techo 'this Slurm takes no job arrays: scontrol names no MaxArraySize above 0' >&2\n"
	      "\texit 5\n"
	      "}\n"
	      "mkdir -p ", out);
	sweep_emit_word(s->output, out);
	fputs("/slurm\n\n", out);
	slurm_arrays(s, out);
	fputs("\n# However the shards ended, this says what is missing.\n"
	      "exec sbatch $wait --job-name=quern-collect --dependency=afterany\"$arrays\" \\\n\t", out);
	slurm_log(s, "collect-%j.log", out);
	fputs(" \"$@\" <<'COLLECT'\n#!/bin/sh\nexec ", out);
	command(s, "sweep collect", out);
	fputs("\nCOLLECT\n", out);
}

static void emit_parallel(const struct sweep_script *s, FILE *out)
{
	head(s, "by GNU parallel", "sh SCRIPT [OPTION OF parallel]...      such as --sshlogin one,two", out);
	fputs("# The joblog says how each shard ended; without it all of them begin again.\n"
	      "set -u\n"
	      "folder=", out);
	sweep_emit_word(s->output, out);
	fprintf(out, "\nlog=$folder/parallel-%zu.joblog\nmkdir -p \"$folder\" || exit\n\nseq %zu |\n", s->shards, s->shards);
	fputs("\tparallel --quote --joblog \"$log\" --resume-failed --jobs 1 --workdir . \"$@\" \\\n\t", out);
	command(s, "sweep run", out);
	fprintf(out, " --resume -j %u --shard {}/%zu\n", s->jobs, s->shards);
	fputs("code=$?\n", out);
	command(s, "sweep collect", out);
	fputs("\ncollected=$?\n"
	      "[ $code -ne 0 ] || exit $collected\n\n"
	      "# As the first shard that failed: columns 7 and 8 are its exit code and the signal that ended it.\n"
	      "exit \"$(awk -F '\\t' 'NR > 1 { code[$1 + 0] = $8 > 0 ? 128 + $8 : $7 }\n"
	      "\tEND { for (i in code) if (code[i] && (!first || i + 0 < first)) first = i + 0\n"
	      "\t\tprint first ? code[first] : 5 }' \"$log\")\"\n", out);
}

#define X(name, doc) {#name, doc, emit_##name},
const struct sweep_engine sweep_engines[] = {SWEEP_ENGINE_LIST(X){NULL, NULL, NULL}};
#undef X

const struct sweep_engine *sweep_engine_find(const char *name, struct err *e)
{
	const char *names[sizeof(sweep_engines) / sizeof(*sweep_engines)] = {0};
	for (size_t i = 0; sweep_engines[i].name; i++) {
		names[i] = sweep_engines[i].name;
		if (!strcmp(name, names[i]))
			return &sweep_engines[i];
	}
	const char *near = nearest_word(name, names);
	if (near)
		err_set(e, ERR_USAGE, "there is no engine \"%s\", did you mean \"%s\"?", name, near);
	else
		err_set(e, ERR_USAGE, "there is no engine \"%s\": want slurm or parallel", name);
	return NULL;
}

int sweep_emit(const struct sweep_engine *engine, const struct sweep_script *s, FILE *out, struct err *e)
{
	engine->emit(s, out);
	return ferror(out) ? err_set(e, ERR_IO, "the script could not be written") : 0;
}
