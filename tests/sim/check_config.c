/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Configuration files: what is read, what is merged, what is refused and where a message
 * says it is. Lines and columns in the expected messages are counted by hand in the text
 * beside them.
 */
#include "config_fixture.h"

#include <sys/stat.h>

static struct config *c;
static struct err e;

static void open_config(void)
{
	fixture_open();
	c = config_new(NULL);
	ck_assert_ptr_nonnull(c);
	e = (struct err){ .code = ERR_NONE };
}

static void close_config(void)
{
	config_free(c);
	c = NULL;
	fixture_close();
}

/* A config that searches ./inc1, ./inc2 and the catalogue ./devices. */
static void open_search(void)
{
	static const char *const include_dirs[] = { "inc1", "inc2", NULL };
	static const char *const device_dirs[] = { "devices", NULL };
	const struct config_search search = { include_dirs, device_dirs };

	config_free(c);
	c = config_new(&search);
	ck_assert_ptr_nonnull(c);
	ck_assert_int_eq(mkdir("inc1", 0777) | mkdir("inc2", 0777) | mkdir("devices", 0777), 0);
}

static void load(const char *name)
{
	ck_assert_msg(config_load(c, name, &e) == 0, "%s", e.msg);
}

static void set(const char *assignment)
{
	ck_assert_msg(config_set(c, assignment, &e) == 0, "%s", e.msg);
}

static void refused(int result, enum err_code code, const char *message)
{
	ck_assert_int_eq(result, -1);
	ck_assert_str_eq(e.msg, message);
	ck_assert_int_eq(e.code, code);
	err_clear(&e);
}

/* The node at "a.b.2": members by key, elements by number. */
static const struct cfg_node *at(const char *path)
{
	const struct cfg_node *n = config_root(c);
	char part[64];

	while (*path != '\0') {
		size_t length = strcspn(path, ".");
		snprintf(part, sizeof(part), "%.*s", (int)length, path);
		path += length + (path[length] == '.');
		if (n->kind == CFG_LIST) {
			n = n->child;
			for (int i = atoi(part); i > 0 && n != NULL; i--)
				n = n->next;
		} else {
			n = config_get(n, part);
		}
		if (n == NULL)
			return NULL;
	}
	return n;
}

static const char *text(const char *path)
{
	const struct cfg_node *n = at(path);

	return n != NULL && n->kind == CFG_SCALAR ? n->text : NULL;
}

/* ---- reading */

START_TEST(every_node_knows_its_place)
{
	write_file("a.yaml", "# first\n"
		"seed: 7\n"
		"disk0:\n"
		"  rpm: 7200 rpm\n"
		"  zones:\n"
		"    - {heads: 4}\n");
	load("a.yaml");
	ck_assert_str_eq(text("seed"), "7");
	ck_assert_str_eq(at("seed")->where.file, "a.yaml");
	ck_assert_int_eq(at("seed")->where.line, 2);
	ck_assert_int_eq(at("seed")->where.column, 7);
	ck_assert_int_eq(at("disk0.rpm")->key_where.line, 4);
	ck_assert_int_eq(at("disk0.rpm")->key_where.column, 3);
	ck_assert_int_eq(at("disk0.rpm")->where.column, 8);
	ck_assert_int_eq(at("disk0.zones.0.heads")->where.line, 6);
	ck_assert_int_eq(at("disk0.zones.0.heads")->where.column, 15);
	config_error(at("disk0.rpm"), &e, "want %d", 5);
	ck_assert_str_eq(e.msg, "a.yaml:4:8: want 5");
	ck_assert_int_eq(e.code, ERR_CONFIG);
}
END_TEST

START_TEST(columns_count_characters_not_bytes)
{
	write_file("a.yaml", "{\"\xc3\xbc\xe2\x82\xac\": 1, b: *x}\n");
	refused(config_load(c, "a.yaml", &e), ERR_CONFIG,
		"a.yaml:1:14: the alias *x: aliases are not taken here; write the value again");
}
END_TEST

START_TEST(an_empty_file_is_an_empty_map)
{
	static const char *const empty[] = { "", "\n", "# nothing\n", "---\n", "---\n...\n",
		"{}\n", "\xef\xbb\xbf", "include:\n", "include: []\n" };

	for (size_t i = 0; i < sizeof(empty) / sizeof(empty[0]); i++) {
		write_file("a.yaml", empty[i]);
		load("a.yaml");
		ck_assert_int_eq(config_root(c)->kind, CFG_MAP);
		ck_assert_ptr_null(config_root(c)->child);
	}
}
END_TEST

START_TEST(a_byte_order_mark_does_not_shift_columns)
{
	write_file("a.yaml", "\xef\xbb\xbfseed: 7\n");
	load("a.yaml");
	ck_assert_int_eq(at("seed")->where.column, 7);
}
END_TEST

START_TEST(standard_input_is_read_by_the_name_dash)
{
	write_file("a.yaml", "seed: 7\n");
	ck_assert_ptr_nonnull(freopen("a.yaml", "r", stdin));
	load("-");
	ck_assert_str_eq(text("seed"), "7");
	ck_assert_str_eq(at("seed")->where.file, "<stdin>");
}
END_TEST

struct bad_file {
	const char *text;
	const char *message;
};

static const struct bad_file bad_files[] = {
	{ "a: 1\nb: 2\na: 3\n",
		"a.yaml:3:1: the key \"a\" stands twice in one map, first at line 1, column 1" },
	/* of several, the repetition that comes first in the file */
	{ "z: 1\na: 1\nz: 2\na: 2\nz: 3\n",
		"a.yaml:3:1: the key \"z\" stands twice in one map, first at line 1, column 1" },
	{ "d: {x: 1, y: {p: 1, p: 2}}\n",
		"a.yaml:1:21: the key \"p\" stands twice in one map, first at line 1, column 15" },
	{ "a: &x 1\n", "a.yaml:1:4: the anchor &x: anchors are not taken here, since there are no "
		"aliases" },
	{ "a: &x {b: 1}\n", "a.yaml:1:4: the anchor &x: anchors are not taken here, since there "
		"are no aliases" },
	{ "a: &x [1]\n", "a.yaml:1:4: the anchor &x: anchors are not taken here, since there "
		"are no aliases" },
	{ "&x a: 1\n", "a.yaml:1:1: the anchor &x: anchors are not taken here, since there "
		"are no aliases" },
	{ "a: *x\n", "a.yaml:1:4: the alias *x: aliases are not taken here; write the value again" },
	{ "*x : 1\n", "a.yaml:1:1: the alias *x: aliases are not taken here; write the value again" },
	{ "a: !!int 1\n", "a.yaml:1:4: the tag tag:yaml.org,2002:int: tags are not taken here; the "
		"option says what type its value is" },
	{ "a: !x {}\n", "a.yaml:1:4: the tag !x: tags are not taken here; the option says what type "
		"its value is" },
	{ "a: ! []\n", "a.yaml:1:4: the tag !: tags are not taken here; the option says what type "
		"its value is" },
	{ "- 1\n- 2\n", "a.yaml:1:1: want a map of keys at the top of a file, found a list" },
	{ "disk0\n", "a.yaml:1:1: want a map of keys at the top of a file, found a single value" },
	{ "a: 1\n---\nb: 1\n", "a.yaml:2:1: a second document begins here; want one" },
	{ "[a]: 1\n", "a.yaml:1:1: a key must be a plain word, not a map or a list" },
	{ "? {a: 1}\n: 1\n", "a.yaml:1:3: a key must be a plain word, not a map or a list" },
	{ "\"\": 1\n", "a.yaml:1:1: an empty key" },
	{ "a: \"x\\0y\"\n", "a.yaml:1:4: a NUL character in a value" },
	{ "a: [1, 2\n", "a.yaml:2:1: did not find expected ',' or ']', while parsing a flow "
		"sequence that begins at line 1, column 4" },
	{ "a: {b: 1\n", "a.yaml:2:1: did not find expected ',' or '}', while parsing a flow mapping "
		"that begins at line 1, column 4" },
	{ "a: \"b\n", "a.yaml:2:1: found unexpected end of stream, while scanning a quoted scalar "
		"that begins at line 1, column 4" },
	{ "a: 1\n b: 2\n", "a.yaml:2:3: mapping values are not allowed in this context" },
	{ "a:\n\tb: 1\n", "a.yaml:2:1: found character that cannot start any token, while scanning "
		"for the next token that begins at line 2, column 1" },
	{ "a: b\xff\n", "a.yaml:1:5: byte 0xff is not valid UTF-8" },
	{ "\xc3\xbc: \xed\xa0\x80\n", "a.yaml:1:4: byte 0xed is not valid UTF-8" },
	{ "a: 1\nb: \xc0\x80\n", "a.yaml:2:4: byte 0xc0 is not valid UTF-8" },
	{ "\xff\xfe" "a", "a.yaml:1:1: byte 0xff is not valid UTF-8" },
	{ "include: {a: 1}\n", "a.yaml:1:10: include: want a file name or a list of them" },
	{ "include: [[a]]\n", "a.yaml:1:11: include: want a file name or a list of them" },
	{ "include: nowhere\n", "a.yaml:1:10: no file \"nowhere\" beside this one, in the --include "
		"folders or in the device catalogue" },
	{ "x: 1\ninclude: [\"\"]\n", "a.yaml:2:11: no file \"\" beside this one, in the --include "
		"folders or in the device catalogue" },
};

START_TEST(what_cannot_be_read_is_refused_at_its_place)
{
	write_file("a.yaml", bad_files[_i].text);
	refused(config_load(c, "a.yaml", &e), ERR_CONFIG, bad_files[_i].message);
}
END_TEST

START_TEST(control_characters_are_refused_and_never_reach_a_message)
{
	write_file("a.yaml", "a: 1\nb: x\033[31m\n");
	ck_assert_int_eq(config_load(c, "a.yaml", &e), -1);
	ck_assert_int_eq(e.code, ERR_CONFIG);
	ck_assert_ptr_nonnull(strstr(e.msg, "control characters are not allowed"));
	err_clear(&e);
	write_file("b.yaml", "\"a\\e[31m\": 1\n\"a\\e[31m\": 1\n");
	refused(config_load(c, "b.yaml", &e), ERR_CONFIG,
		"b.yaml:2:1: the key \"a?[31m\" stands twice in one map, first at line 1, column 1");
}
END_TEST

START_TEST(a_nul_byte_is_refused_at_its_place)
{
	write_bytes("a.yaml", "a: 1\nb\0: 2\n", 11);
	refused(config_load(c, "a.yaml", &e), ERR_CONFIG, "a.yaml:2:2: a NUL byte: this is not a "
		"text file (or one in UTF-16; want UTF-8)");
}
END_TEST

/* `depth` lists in one another below the top map */
static void write_nested(size_t depth)
{
	char text_[300] = "a: ";

	memset(text_ + 3, '[', depth);
	memset(text_ + 3 + depth, ']', depth);
	text_[3 + 2 * depth] = '\n';
	write_file("a.yaml", text_);
}

START_TEST(nesting_deeper_than_64_is_refused)
{
	write_nested(63); /* with the map at the top: 64 */
	load("a.yaml");
	write_nested(64);
	refused(config_load(c, "a.yaml", &e), ERR_CONFIG,
		"a.yaml:1:67: maps and lists nest deeper than 64");
}
END_TEST

START_TEST(a_file_over_64_mib_is_refused)
{
	write_file("a.yaml", "a: 1\n");
	ck_assert_int_eq(truncate("a.yaml", ((off_t)64 << 20) + 1), 0);
	refused(config_load(c, "a.yaml", &e), ERR_IO, "cannot read \"a.yaml\": it is larger than "
		"64 MiB, which is no configuration");
}
END_TEST

START_TEST(many_keys_are_read_and_merged_in_reasonable_time)
{
	enum { KEYS = 200000 };
	FILE *f = fopen("a.yaml", "w");

	for (int i = 0; i < KEYS; i++)
		fprintf(f, "k%d: %d\n", i * 7 % KEYS, i);
	fclose(f);
	load("a.yaml");
	load("a.yaml"); /* a merge of all over all: quadratic work would take minutes */
	ck_assert_str_eq(text("k7"), "1");
}
END_TEST

/* ---- merging and includes */

START_TEST(maps_merge_and_lists_and_scalars_replace)
{
	write_file("base.yaml", "d: {a: 1, b: 2, m: {p: 1, q: 2}, l: [1, 2, 3]}\nkeep: yes\n");
	write_file("over.yaml", "d: {b: 20, m: {q: 30}, l: [9], n: {x: 1}}\n");
	load("base.yaml");
	load("over.yaml");
	ck_assert_str_eq(text("d.a"), "1");
	ck_assert_str_eq(text("d.b"), "20");
	ck_assert_str_eq(at("d.b")->where.file, "over.yaml");
	ck_assert_str_eq(text("d.m.p"), "1");
	ck_assert_str_eq(text("d.m.q"), "30");
	ck_assert_str_eq(text("d.l.0"), "9");
	ck_assert_ptr_null(at("d.l.1"));
	ck_assert_str_eq(text("d.n.x"), "1");
	ck_assert_str_eq(text("keep"), "yes");
}
END_TEST

START_TEST(kinds_replace_one_another)
{
	write_file("base.yaml", "a: {x: 1}\nb: 1\nc: [1]\nd: {x: 1}\n");
	write_file("over.yaml", "a: 5\nb: {y: 2}\nc: {z: 3}\nd: [4]\n");
	load("base.yaml");
	load("over.yaml");
	ck_assert_str_eq(text("a"), "5");
	ck_assert_str_eq(text("b.y"), "2");
	ck_assert_str_eq(text("c.z"), "3");
	ck_assert_str_eq(text("d.0"), "4");
}
END_TEST

START_TEST(a_key_without_value_says_nothing_about_a_map)
{
	write_file("base.yaml", "disk0: {rpm: 1 rpm}\ns: 1\n");
	write_file("over.yaml", "disk0:\n# rpm: 2 rpm\ns:\n");
	load("base.yaml");
	load("over.yaml");
	ck_assert_str_eq(text("disk0.rpm"), "1 rpm");
	ck_assert_str_eq(text("s"), "");
}
END_TEST

START_TEST(includes_are_read_in_order_and_the_file_has_the_last_word)
{
	write_file("one.yaml", "a: one\nb: one\nc: one\n");
	write_file("two.yml", "b: two\nc: two\n");
	write_file("main.yaml", "c: main\ninclude: [one, two.yml]\n");
	load("main.yaml");
	ck_assert_str_eq(text("a"), "one");
	ck_assert_str_eq(text("b"), "two");
	ck_assert_str_eq(text("c"), "main");
	ck_assert_ptr_null(at("include"));
}
END_TEST

START_TEST(an_include_is_sought_beside_then_in_folders_then_in_the_catalogue)
{
	open_search();
	ck_assert_int_eq(mkdir("sub", 0777), 0);
	write_file("sub/main.yaml", "include: dev\n");
	write_file("dev.yaml", "from: working directory\n"); /* not beside sub/main.yaml */
	write_file("devices/dev.yaml", "from: catalogue\n");
	load("sub/main.yaml");
	ck_assert_str_eq(text("from"), "catalogue");
	write_file("inc2/dev.yaml", "from: inc2\n");
	load("sub/main.yaml");
	ck_assert_str_eq(text("from"), "inc2");
	write_file("inc1/dev", "from: inc1\n"); /* the bare name is fine too */
	load("sub/main.yaml");
	ck_assert_str_eq(text("from"), "inc1");
	write_file("sub/dev.yaml", "from: beside\n");
	load("sub/main.yaml");
	ck_assert_str_eq(text("from"), "beside");
	ck_assert_str_eq(at("from")->where.file, "sub/dev.yaml");
}
END_TEST

START_TEST(a_name_on_the_command_line_is_sought_too)
{
	open_search();
	write_file("devices/atlas.yaml", "disk0: {}\n");
	load("atlas");
	ck_assert_str_eq(at("disk0")->where.file, "devices/atlas.yaml");
	ck_assert_int_eq(mkdir("atlas", 0777), 0); /* a folder of that name is no config */
	load("atlas");
	refused(config_load(c, "atlsa", &e), ERR_IO, "no configuration \"atlsa\" here, in the "
		"--include folders or in the device catalogue; did you mean \"atlas\"?");
	refused(config_load(c, "xyzzy", &e), ERR_IO, "no configuration \"xyzzy\" here, in the "
		"--include folders or in the device catalogue");
	write_file("m.yaml", "include: [atlsa.yaml]\n");
	refused(config_load(c, "m.yaml", &e), ERR_CONFIG, "m.yaml:1:11: no file \"atlsa.yaml\" "
		"beside this one, in the --include folders or in the device catalogue; did you mean "
		"\"atlas\"?");
}
END_TEST

START_TEST(a_circle_of_includes_is_refused_with_the_chain)
{
	write_file("a.yaml", "include: b\n");
	write_file("b.yaml", "x: 1\ninclude: [c]\n");
	write_file("c.yaml", "include: a\n");
	refused(config_load(c, "a.yaml", &e), ERR_CONFIG, "c.yaml:1:10: the includes make a circle: "
		"a.yaml includes b.yaml includes c.yaml includes a.yaml");
	write_file("self.yaml", "include: link\n");
	ck_assert_int_eq(symlink("self.yaml", "link.yaml"), 0);
	refused(config_load(c, "self.yaml", &e), ERR_CONFIG, "self.yaml:1:10: the includes make a "
		"circle: self.yaml includes link.yaml");
}
END_TEST

START_TEST(a_file_included_twice_is_no_circle)
{
	write_file("unit.yaml", "u: 1\n");
	write_file("a.yaml", "include: [b, unit]\n");
	write_file("b.yaml", "include: [unit]\n");
	load("a.yaml");
	ck_assert_str_eq(text("u"), "1");
}
END_TEST

START_TEST(includes_that_double_at_every_level_end)
{
	char name[32], line[64];

	for (int i = 0; i < 30; i++) {
		snprintf(name, sizeof(name), "f%d.yaml", i);
		snprintf(line, sizeof(line), "include: [f%d, f%d]\n", i + 1, i + 1);
		write_file(name, line);
	}
	write_file("f30.yaml", "a: 1\n");
	ck_assert_int_eq(config_load(c, "f0.yaml", &e), -1);
	ck_assert_ptr_nonnull(strstr(e.msg, "more than 1000 files are included"));
}
END_TEST

/* ---- --set */

START_TEST(set_overrides_extends_and_indexes)
{
	write_file("a.yaml", "disk0: {rpm: 1 rpm, zones: [{heads: 1}, {heads: 2}]}\n");
	load("a.yaml");
	set("disk0.rpm=15000 rpm");
	ck_assert_str_eq(text("disk0.rpm"), "15000 rpm");
	set("disk0.zones[1].heads=7");
	ck_assert_str_eq(text("disk0.zones.0.heads"), "1");
	ck_assert_str_eq(text("disk0.zones.1.heads"), "7");
	set("disk0={cache: {segments: 3}}");
	ck_assert_str_eq(text("disk0.cache.segments"), "3");
	ck_assert_str_eq(text("disk0.rpm"), "15000 rpm");
	set("disk0.zones=[{heads: 9}]");
	ck_assert_ptr_null(at("disk0.zones.1"));
	set("disk0.zones[0]={skew: 3}");
	ck_assert_str_eq(text("disk0.zones.0.skew"), "3");
	ck_assert_str_eq(text("disk0.zones.0.heads"), "9");
	set("new.thing.deep=a=b");
	ck_assert_str_eq(text("new.thing.deep"), "a=b");
	set("seed=");
	ck_assert_str_eq(text("seed"), "");
	set("name='7: x'");
	ck_assert_str_eq(text("name"), "7: x");
}
END_TEST

START_TEST(set_leaves_the_place_of_a_map_it_extends)
{
	write_file("a.yaml", "x: 1\ndisk0: {rpm: 1 rpm}\n");
	load("a.yaml");
	set("disk0={rpm: 2 rpm}");
	ck_assert_int_eq(at("disk0")->key_where.line, 2);
	ck_assert_str_eq(at("disk0.rpm")->where.file, "--set disk0");
	ck_assert_int_eq(at("disk0.rpm")->where.line, 0);
	config_error(at("disk0.rpm"), &e, "no");
	ck_assert_str_eq(e.msg, "--set disk0: no");
}
END_TEST

struct bad_set {
	const char *assignment;
	enum err_code code;
	const char *message;
};

static const struct bad_set bad_sets[] = {
	{ "disk0.rpm", ERR_USAGE, "--set disk0.rpm: want path=value" },
	{ "=5", ERR_USAGE, "--set =5: want path=value" },
	{ "a..b=1", ERR_CONFIG, "--set a..b: want a path such as disk0.zones[3].heads" },
	{ "a.=1", ERR_CONFIG, "--set a.: want a path such as disk0.zones[3].heads" },
	{ "[0]=1", ERR_CONFIG, "--set [0]: want a path such as disk0.zones[3].heads" },
	{ "l]=1", ERR_CONFIG, "--set l]: want a path such as disk0.zones[3].heads" },
	{ "l[x]=1", ERR_CONFIG, "--set l[x]: want an index such as [3]" },
	{ "l[-1]=1", ERR_CONFIG, "--set l[-1]: want an index such as [3]" },
	{ "l[99999999999999999999]=1", ERR_CONFIG,
		"--set l[99999999999999999999]: want an index such as [3]" },
	{ "l[1=1", ERR_CONFIG, "--set l[1: want an index such as [3]" },
	{ "l[2]=1", ERR_CONFIG, "--set l[2]: there is no [2]: the list at a.yaml:2:4 has 2 elements, "
		"and the first is [0]" },
	{ "s[0]=1", ERR_CONFIG,
		"--set s[0]: [0] asks for a list, but at a.yaml:1:4 there is a single value" },
	{ "m[0]=1", ERR_CONFIG, "--set m[0]: [0] asks for a list, but at a.yaml:3:4 there is a map" },
	{ "new[0]=1", ERR_CONFIG,
		"--set new[0]: [0] asks for a list, but at --set new[0] there is nothing" },
	{ "s.x=1", ERR_CONFIG,
		"--set s.x: \"x\" asks for a map, but at a.yaml:1:4 there is a single value" },
	{ "l.x=1", ERR_CONFIG, "--set l.x: \"x\" asks for a map, but at a.yaml:2:4 there is a list" },
	{ "include=b.yaml", ERR_CONFIG, "--set include: include belongs in a file" },
	{ "s=*x", ERR_CONFIG,
		"--set s: the alias *x: aliases are not taken here; write the value again" },
	{ "s={a: 1, a: 2}", ERR_CONFIG, "--set s: the key \"a\" stands twice in one map" },
	{ "s=[1, 2", ERR_CONFIG,
		"--set s: did not find expected ',' or ']' at character 6 of the value" },
	{ "s=\xff", ERR_CONFIG, "--set s: invalid leading UTF-8 octet (character 0x00ff, here or "
		"soon after)" },
};

START_TEST(a_set_that_fits_nowhere_is_refused)
{
	write_file("a.yaml", "s: 1\nl: [1, 2]\nm: {k: 1}\n");
	load("a.yaml");
	refused(config_set(c, bad_sets[_i].assignment, &e), bad_sets[_i].code,
		bad_sets[_i].message);
}
END_TEST

/* ---- exhaustion and damage */

START_TEST(exhausted_memory_is_an_error_wherever_it_strikes)
{
	uint64_t n = 0;
	int done = 0;

	write_file("a.yaml", "include: [b, c.yaml]\nd: {x: [1, {y: 2}]}\n");
	write_file("b.yaml", "d: {z: 1}\ne: 2\n");
	write_file("c.yaml", "d: {z: 1}\ne: 2\n");
	while (!done) {
		struct config *fresh = config_new(NULL);
		ck_assert_ptr_nonnull(fresh);
		arena_fail_at(config_arena(fresh), ++n);
		done = config_load(fresh, "a.yaml", &e) == 0 &&
			config_set(fresh, "d.x[1].w={v: 1, u: [2]}", &e) == 0 &&
			config_set(fresh, "new.key=", &e) == 0;
		if (!done)
			ck_assert_msg(e.code == ERR_LIMIT, "%s", e.msg);
		err_clear(&e);
		config_free(fresh);
	}
	ck_assert_uint_gt(n, 40); /* about two for each of 25 nodes */
}
END_TEST

static const char whole[] =
	"# a drive\n"
	"include: [b]\n"
	"seed: 7\n"
	"disk0: {scheduler: \"sp\\ttf\", 'queue': 16, cache: {segments: 10}}\n"
	"text: |\n  several\n  lines\n"
	"zones:\n  - heads: 4\n    skew: 3 \xc2\xb5s\n  - {heads: 5}\n"
	"? key\n: value\n"
	"curve: [[1, 0.8 ms], [2, 1 ms]]\n";

START_TEST(a_file_cut_anywhere_is_read_or_refused_with_its_name)
{
	write_file("b.yaml", "b: 1\n");
	for (size_t length = 0; length < sizeof(whole); length++) {
		struct config *fresh = config_new(NULL);
		write_bytes("a.yaml", whole, length);
		if (config_load(fresh, "a.yaml", &e) != 0) {
			ck_assert_msg(strncmp(e.msg, "a.yaml:", 7) == 0, "%zu: %s", length, e.msg);
			ck_assert_int_eq(e.code, ERR_CONFIG);
		}
		err_clear(&e);
		config_free(fresh);
	}
}
END_TEST

START_TEST(a_file_with_any_byte_changed_is_read_or_refused_with_its_name)
{
	static const char bytes[] = { 0, '\n', ' ', '\t', '{', '}', '[', ']', ':', ',', '"', '\'',
		'&', '*', '!', '|', '>', '%', '@', '-', '?', '#', '\\', (char)0x80, (char)0xff };
	char changed[sizeof(whole) - 1];

	write_file("b.yaml", "b: 1\n");
	for (size_t i = 0; i < sizeof(changed); i++) {
		for (size_t j = 0; j < sizeof(bytes); j++) {
			struct config *fresh = config_new(NULL);
			memcpy(changed, whole, sizeof(changed));
			changed[i] = bytes[j];
			write_bytes("a.yaml", changed, sizeof(changed));
			if (config_load(fresh, "a.yaml", &e) != 0)
				ck_assert_msg(strncmp(e.msg, "a.yaml:", 7) == 0, "%zu %d: %s", i,
					bytes[j], e.msg);
			err_clear(&e);
			config_free(fresh);
		}
	}
}
END_TEST

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

int main(void)
{
	Suite *s = suite_create("sim/config");
	TCase *t = tcase_create("config");
	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, open_config, close_config);
	tcase_add_test(t, every_node_knows_its_place);
	tcase_add_test(t, columns_count_characters_not_bytes);
	tcase_add_test(t, an_empty_file_is_an_empty_map);
	tcase_add_test(t, a_byte_order_mark_does_not_shift_columns);
	tcase_add_test(t, standard_input_is_read_by_the_name_dash);
	tcase_add_loop_test(t, what_cannot_be_read_is_refused_at_its_place, 0, COUNT(bad_files));
	tcase_add_test(t, control_characters_are_refused_and_never_reach_a_message);
	tcase_add_test(t, a_nul_byte_is_refused_at_its_place);
	tcase_add_test(t, nesting_deeper_than_64_is_refused);
	tcase_add_test(t, a_file_over_64_mib_is_refused);
	tcase_add_test(t, many_keys_are_read_and_merged_in_reasonable_time);
	tcase_add_test(t, maps_merge_and_lists_and_scalars_replace);
	tcase_add_test(t, kinds_replace_one_another);
	tcase_add_test(t, a_key_without_value_says_nothing_about_a_map);
	tcase_add_test(t, includes_are_read_in_order_and_the_file_has_the_last_word);
	tcase_add_test(t, an_include_is_sought_beside_then_in_folders_then_in_the_catalogue);
	tcase_add_test(t, a_name_on_the_command_line_is_sought_too);
	tcase_add_test(t, a_circle_of_includes_is_refused_with_the_chain);
	tcase_add_test(t, a_file_included_twice_is_no_circle);
	tcase_add_test(t, includes_that_double_at_every_level_end);
	tcase_add_test(t, set_overrides_extends_and_indexes);
	tcase_add_test(t, set_leaves_the_place_of_a_map_it_extends);
	tcase_add_loop_test(t, a_set_that_fits_nowhere_is_refused, 0, COUNT(bad_sets));
	tcase_add_test(t, exhausted_memory_is_an_error_wherever_it_strikes);
	tcase_add_test(t, a_file_cut_anywhere_is_read_or_refused_with_its_name);
	tcase_add_test(t, a_file_with_any_byte_changed_is_read_or_refused_with_its_name);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
