/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is said about a medium: to the operator who must find it among others, and in
 * the finding that tells why it is not used. */
#include "probe/media.h"

#include "base/finding.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

bool sp_medium_label_is_hint(const char *label)
{
	return label &&
	       (strcasecmp(label, "OEMDRV") == 0 || strcasecmp(label, "SUPPACK") == 0);
}

static void add_size(struct sp_strbuf *text, uint64_t size_bytes)
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB", "PiB" };
	size_t unit = 0;

	if (size_bytes == 0)
		return;
	size_bytes = (size_bytes + 1023) / 1024;
	for (; size_bytes >= 10240 && unit < 4; unit++)
		size_bytes /= 1024;
	sp_strbuf_add(text, ", %" PRIu64 " %s", size_bytes, units[unit]);
}

static const char *kind_of(const struct sp_medium *medium)
{
	return medium->is_cdrom ? "CD-ROM" : medium->removable ? "removable" : "disk";
}

char *sp_medium_describe(const struct sp_medium *medium)
{
	struct sp_strbuf text = { 0 };

	sp_strbuf_add(&text, "%s", kind_of(medium));
	if (medium->model)
		sp_strbuf_add(&text, " %s", medium->model);
	if (medium->partition)
		sp_strbuf_add(&text, ", partition %u", medium->partition);
	if (medium->filesystem.label)
		sp_strbuf_add(&text, ", '%s'", medium->filesystem.label);
	if (medium->is_cdrom && medium->state == SP_MEDIUM_EMPTY)
		sp_strbuf_add(&text, ", no disc");
	else
		add_size(&text, medium->size_bytes);
	return sp_strbuf_take(&text);
}

static const struct {
	const char *code; /* NULL: nothing to say */
	const char *text; /* of what is in the drive, or of the file system %s */
} words[] = {
	[SP_MEDIUM_EMPTY] = { "no-medium", "there is nothing in the drive" },
	[SP_MEDIUM_BLANK] = { "unknown-filesystem", "it holds no known file system" },
	[SP_MEDIUM_AMBIGUOUS] = { "ambiguous-filesystem",
				  "it holds more than one file system at the same "
				  "place" },
	[SP_MEDIUM_UNSUPPORTED] = { "unknown-filesystem",
				    "packs are not read from its file system" },
	[SP_MEDIUM_GONE] = { "device-vanished", "it was unplugged" },
	[SP_MEDIUM_FAILED] = { NULL, NULL }, /* its error says it */
};

int sp_medium_add_finding(const struct sp_medium *medium, struct sp_findings *findings,
			  struct sp_error *err)
{
	const char *type = medium->filesystem.type;

	if (medium->state == SP_MEDIUM_FAILED)
		return sp_findings_add_error(findings, medium->path, &medium->error, err);
	if (!words[medium->state].code)
		return 0;
	return sp_findings_add(findings, words[medium->state].code, medium->path, err,
			       "'%s' cannot be used: %s%s%s%s", medium->path,
			       words[medium->state].text, type ? " '" : "",
			       type ? type : "", type ? "'" : "");
}
