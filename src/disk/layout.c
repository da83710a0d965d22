/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Track order: building a pattern, and from a track back to its number. */
#include "disk/layout.h"

int layout_init(struct layout *l, struct arena *a, const struct layout_plan *plan, const uint16_t *heads,
	uint32_t count, uint32_t disk_heads)
{
	uint16_t *position_of = arena_array(a, disk_heads, sizeof(*position_of));
	if (!position_of)
		return -1;
	for (uint32_t h = 0; h < disk_heads; h++)
		position_of[h] = LAYOUT_NO_HEAD;
	for (uint32_t i = 0; i < count; i++)
		position_of[heads[i]] = (uint16_t)i;
	uint32_t group = plan->group == 0 || plan->group > plan->cylinders ? plan->cylinders : plan->group;
	*l = (struct layout){
		.first_cylinder = plan->first_cylinder,
		.cylinders = plan->cylinders,
		.heads = count,
		.group = group,
		.full_groups = plan->cylinders / group,
		.rest = plan->cylinders % group,
		.group_tracks = group * count,
		.turned = plan->turned,
		.outward = plan->outward,
		.heads_turn = plan->heads_turn,
		.cylinders_turn = plan->cylinders_turn,
		.head_at = heads,
		.position_of = position_of,
	};
	/* between surfaces of a group the cylinder stays when the way along them turns */
	l->group_head_switches = group == 1 || l->cylinders_turn ? count - 1 : 0;
	l->by_group_tracks = fastdiv_make(l->group_tracks);
	l->by_group = fastdiv_make(group);
	l->by_rest = fastdiv_make(l->rest ? l->rest : 1);
	return 0;
}

bool layout_find(const struct layout *l, uint32_t cylinder, uint32_t head, uint32_t *track)
{
	if (cylinder < l->first_cylinder || cylinder - l->first_cylinder >= l->cylinders)
		return false;
	uint32_t position = l->position_of[head];
	if (position == LAYOUT_NO_HEAD)
		return false;
	uint32_t step = cylinder - l->first_cylinder;
	if (l->outward)
		step = l->cylinders - 1 - step;
	uint32_t group = step / l->group, along = step % l->group;
	uint32_t size = group < l->full_groups ? l->group : l->rest;
	if (l->heads_turn && ((group + l->turned) & 1))
		position = l->heads - 1 - position;
	if (l->cylinders_turn && (position & 1))
		along = size - 1 - along;
	*track = group * l->group_tracks + position * size + along;
	return true;
}
