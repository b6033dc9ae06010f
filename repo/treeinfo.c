/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every release has its own idea of where its name stands. */
#include "repo/treeinfo.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* The value of @key in @section of an INI file, cleaned; NULL if it is not there. */
static char *find_value(const char *text, const char *section, const char *key)
{
	bool inside = false;

	for (const char *at = text; *at;) {
		size_t len = strcspn(at, "\n"), name = strcspn(at, " \t=\n");
		const char *sign = memchr(at, '=', len);

		if (*at == '[')
			inside = strncmp(at + 1, section, strlen(section)) == 0 &&
				 at[1 + strlen(section)] == ']';
		else if (inside && sign && name == strlen(key) &&
			 strncmp(at, key, name) == 0) {
			char value[SP_TEXT_MAX];

			sp_text_clean(sign + 1, (size_t)(at + len - sign - 1), value,
				      sizeof value);
			return strdup(value);
		}
		at += len + (at[len] == '\n');
	}
	return NULL;
}

char *sp_treeinfo_product(const char *text)
{
	static const struct {
		const char *section, *name, *version;
	} places[] = {
		{ "system-v1", "product_name", "product_version" },
		{ "branding", "name", "version" },
		{ "general", "family", "version" },
		{ "release", "name", "version" },
	};

	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		SP_AUTO(sp_str_freep)
		char *name = find_value(text, places[i].section, places[i].name);
		SP_AUTO(sp_str_freep)
		char *version = find_value(text, places[i].section, places[i].version);

		if (name && *name)
			return sp_text_format("%s%s%s", name, version ? " " : "",
					      version ? version : "");
	}
	return strdup("");
}
