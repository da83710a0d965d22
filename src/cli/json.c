/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One document. */
#include "cli/json.h"

#include "cli/cli.h"
#include "run/summary.h"

int cli_put_json(json_t *doc)
{
	struct err e = {0};
	int bad = doc ? summary_json_write(doc, stdout) : -1;
	json_decref(doc);
	if (bad == 0)
		return cli_finish(0);
	err_set(&e, ERR_LIMIT, "no memory for the answer as JSON");
	return cli_fail(&e);
}

int cli_json_and(const char *product)
{
	return cli_usage("--json and the %s cannot both go to the standard output: want -o FILE", product);
}
