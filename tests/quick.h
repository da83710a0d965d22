/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Included ahead of every test by the compiler's command line. Check notes each assertion that holds in a file, by a system
 * call, so that it can say where a test crashed; in a loop of a million assertions that is most of the time. Here an
 * assertion that holds costs nothing: of a crash Check names the test, and the sanitizers and the debugger the line.
 */
#ifndef QUERN_TESTS_QUICK_H
#define QUERN_TESTS_QUICK_H

#if defined(__has_include)
#if __has_include(<check.h>) /* programs of this folder that are no tests are built without it, too */
#include <check.h>
#define _mark_point(file, line) ((void)0)
#endif
#endif

#endif
