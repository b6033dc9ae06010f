/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a pack would add to a status report: up to the first NUL a category's file, the rest
 * a file of its directory.  What is taken crosses from the worker and is the same then. */
#include "base/finding.h"
#include "base/json.h"
#include "repo/bugtool.h"
#include "fuzz/memory.h"

static void check(const struct sp_bugtool *bugtool)
{
	SP_AUTO(sp_json_freep) struct json_object *json = sp_bugtool_to_json(bugtool);
	SP_AUTO(sp_bugtool_done) struct sp_bugtool again = { 0 };
	struct sp_error err = SP_ERROR_INIT;

	FUZZ_PROMISE(sp_bugtool_from_json(json, &again, &err) == 0);
	FUZZ_PROMISE(again.n == bugtool->n && bugtool->n <= SP_BUGTOOL_MAX_ITEMS);
	for (size_t i = 0; i < bugtool->n; i++) {
		FUZZ_PROMISE(
			!strcmp(again.items[i].category, bugtool->items[i].category));
		FUZZ_PROMISE(again.items[i].kind == bugtool->items[i].kind);
		FUZZ_PROMISE(!strcmp(again.items[i].what, bugtool->items[i].what));
		FUZZ_PROMISE(!strcmp(again.items[i].detail, bugtool->items[i].detail));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data;
	const char *end = size ? memchr(bytes, '\0', size) : NULL;
	size_t first = end ? (size_t)(end - bytes) : size;
	const struct sp_bugtool_file files[] = {
		{ SP_BUGTOOL_DIRECTORY "/acme.xml", bytes, first },
		{ SP_BUGTOOL_DIRECTORY "/acme/logs.xml", end ? end + 1 : "",
		  end ? size - first - 1 : 0 },
	};
	SP_AUTO(sp_bugtool_done) struct sp_bugtool bugtool = { 0 };
	SP_AUTO(sp_findings_done) struct sp_findings findings = { 0 };
	struct sp_error err = SP_ERROR_INIT;

	FUZZ_PROMISE(sp_bugtool_check(files, end ? 2 : 1, &bugtool, &findings, &err) ==
		     0);
	check(&bugtool);
	return 0;
}
