/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which devices a plan drives: components, or the namespaces of one. A component with namespaces is never driven itself; its name
 * stands for all of them.
 */
#include <stdlib.h>
#include <string.h>

#include "blk/space.h"
#include "run/plan.h"
#include "run/plan_private.h"

static int no_memory(struct err *e) { return err_set(e, ERR_LIMIT, "no memory for the configuration"); }

/* "ssd0n2": *nsid 2, and returns the length of "ssd0"; else 0. */
static size_t split_name(const char *name, uint32_t *nsid)
{
	size_t len = strlen(name), digits = 0;
	while (digits < len && digits < 9 && name[len - 1 - digits] >= '0' && name[len - 1 - digits] <= '9')
		digits++;
	if (digits == 0 || len < digits + 2 || name[len - digits] == '0' || name[len - digits - 1] != 'n')
		return 0;
	*nsid = (uint32_t)strtoul(name + len - digits, NULL, 10);
	return len - digits - 1;
}

/* The component that a name is a namespace of, whether it has so many or not; NULL: none. */
static const struct plan_component *owner_of(const struct plan *p, const char *name, uint32_t *nsid)
{
	size_t len = split_name(name, nsid);
	for (size_t i = 0; len > 0 && i < p->component_count; i++) {
		const struct plan_component *c = &p->component[i];
		if (strlen(c->name) == len && !strncmp(c->name, name, len))
			return c;
	}
	return NULL;
}

const struct plan_component *plan_driven(const struct plan *p, size_t i, uint32_t *nsid)
{
	const struct plan_component *c = plan_component(p, p->device[i]);
	*nsid = 0;
	return c ? c : owner_of(p, p->device[i], nsid);
}

static int refuse_device(const struct plan *p, const struct cfg_node *n, struct err *e)
{
	const char *name = n->text;
	const char **names = arena_array(p->arena, p->component_count + 1, sizeof(*names));
	if (!names)
		return no_memory(e);
	for (size_t i = 0; i < p->component_count; i++)
		names[i] = p->component[i].name;
	const char *near = nearest_word(name, names);
	return config_error(n, e, near ? "device: there is no component \"%s\", did you mean \"%s\"?"
		: "device: there is no component \"%s\" (a map with `model:`)%s", name, near ? near : "");
}

static bool is_driven(const struct plan *p, const char *name)
{
	for (size_t i = 0; i < p->device_count; i++)
		if (!strcmp(p->device[i], name))
			return true;
	return false;
}

/* n: where it stands, for what is wrong. */
static int add_name(struct plan *p, const char *name, const struct cfg_node *n, struct err *e)
{
	if (n && is_driven(p, name))
		return config_error(n, e, "device: \"%s\" stands twice", name);
	p->device[p->device_count++] = arena_strdup(p->arena, name);
	return p->device[p->device_count - 1] ? 0 : no_memory(e);
}

/* A component, or all its namespaces. */
static int add_component(struct plan *p, const struct plan_component *c, const struct cfg_node *n, struct err *e)
{
	uint32_t spaces = blk_spaces(c->ops, c->spec);
	char name[256];
	if (spaces == 0)
		return add_name(p, c->name, n, e);
	for (uint32_t i = 1; i <= spaces; i++) {
		snprintf(name, sizeof(name), "%sn%u", c->name, i);
		if (add_name(p, name, n, e) < 0)
			return -1;
	}
	return 0;
}

static int add_device(struct plan *p, const struct cfg_node *n, struct err *e)
{
	uint32_t nsid = 0;
	if (n->kind != CFG_SCALAR)
		return config_error(n, e, "device: want the name of a component, or a list of names");
	const struct plan_component *c = plan_component(p, n->text);
	if (c)
		return add_component(p, c, n, e);
	c = owner_of(p, n->text, &nsid);
	if (!c)
		return refuse_device(p, n, e);
	uint32_t spaces = blk_spaces(c->ops, c->spec);
	if (nsid > spaces)
		return config_error(n, e, "device: there is no \"%s\" (Invalid Namespace or Format): %s has %u namespaces (%s.namespaces)",
			n->text, c->name, spaces, c->name);
	return add_name(p, n->text, n, e);
}

/* Whether it or a namespace of it is driven. */
static bool is_used(const struct plan *p, const struct plan_component *c)
{
	uint32_t nsid;
	for (size_t i = 0; i < p->device_count; i++)
		if (plan_driven(p, i, &nsid) == c)
			return true;
	return false;
}

static int make_room(struct plan *p, struct err *e)
{
	size_t most = 1;
	for (size_t i = 0; i < p->component_count; i++)
		most += 1 + blk_spaces(p->component[i].ops, p->component[i].spec);
	p->device = arena_array(p->arena, most, sizeof(*p->device));
	return p->device ? 0 : no_memory(e);
}

int plan_pick_devices(struct plan *p, struct err *e)
{
	if (make_room(p, e) < 0)
		return -1;
	const struct cfg_node *n = config_get(config_root(p->configs[0]), "device");
	if (n && n->kind == CFG_LIST) {
		for (const struct cfg_node *m = n->child; m; m = m->next)
			if (add_device(p, m, e) < 0)
				return -1;
	} else if (n && !(n->kind == CFG_SCALAR && !*n->text)) {
		if (add_device(p, n, e) < 0)
			return -1;
	}
	/* those of the command line are all driven; of a file, the only one */
	size_t own = p->component_count - (p->config_count - 1);
	if (!p->device_count && own == 1 && add_component(p, &p->component[0], NULL, e) < 0)
		return -1;
	if (!p->device_count && own > 1)
		return err_set(e, ERR_CONFIG, "%s: there are %zu components: say which is driven "
			"with `device: %s`", p->name, own, p->component[0].name);
	for (size_t i = own; i < p->component_count; i++)
		if (!is_used(p, &p->component[i]) && add_component(p, &p->component[i], NULL, e) < 0)
			return -1;
	if (!p->device_count)
		return err_set(e, ERR_CONFIG, "%s: there is no device: include one of the catalogue "
			"(`include: [NAME.yaml]`, see `quern list devices`) or define a component with `model:`",
			p->name);
	return 0;
}
