/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One document. */
#include "cli/json.h"

#include "cli/cli.h"
#include "run/summary.h"

int cli_put_json(json_t *doc)
{
	bool made = doc && (summary_json_write(doc, stdout) == 0 || ferror(stdout)); /* of which cli_finish() speaks */
	json_decref(doc);
	return made ? cli_finish(0) : cli_usage("the answer cannot be JSON: a name in it is not UTF-8, or memory is out");
}

int cli_json_and(const char *product)
{
	return cli_usage("--json and the %s cannot both go to the standard output: want -o FILE", product);
}
