/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "probe/model.h"

#include "base/text.h"
#include "probe/root.h"

static const char *const attributes[] = { "vendor", "manufacturer", "model", "product" };

/* virtio has the number of its vendor there, ATA disks "ATA". */
static bool names_somebody(const char *line)
{
	return !sp_text_starts_with(line, "0x") && !sp_text_starts_with(line, "ATA ");
}

int sp_model_read(const struct sp_root *root, const char *dir, char **ret_model,
		  struct sp_error *err)
{
	SP_AUTO(sp_strbuf_done) struct sp_strbuf text = { 0 };

	for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++) {
		SP_AUTO(sp_str_freep) char *line = NULL;
		SP_AUTO(sp_str_freep)
		char *path = sp_text_format("%s/%s", dir, attributes[i]);
		int r = path ? sp_root_read_line(root, path, &line, err)
			     : sp_error_nomem(err);

		if (r < 0)
			return r;
		if (r == 0 && names_somebody(line))
			sp_strbuf_add(&text, "%s ", line);
	}
	if (text.failed)
		return sp_error_nomem(err);
	if (!text.text)
		return 0;
	*ret_model = sp_text_clean_dup(text.text);
	return *ret_model ? 0 : sp_error_nomem(err);
}
