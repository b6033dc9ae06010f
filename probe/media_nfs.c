/* SPDX-License-Identifier: GPL-2.0-or-later */
/* NFS is mounted by the system's own mount.nfs: which version the server speaks, and its
 * ports, are not for us to find out.  It is told all it needs, and reads no fstab. */
#include "probe/media.h"

#include <string.h>
#include <unistd.h>

#include "base/child.h"
#include "base/text.h"

enum { DEADLINE_MS = 30000 };

/* Soft, or a server that stops answering holds its readers for ever; even so the kernel
 * may take minutes, and the worker's own deadline ends it. */
#define OPTIONS "ro,nosuid,nodev,noexec,soft,nolock,timeo=50,retrans=2,retry=0"

static const char *program(void)
{
	static const char *const places[] = { "/sbin/mount.nfs", "/usr/sbin/mount.nfs" };

	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
		if (access(places[i], X_OK) == 0)
			return places[i];
	return NULL;
}

static void result_done(struct sp_child_result *result)
{
	free(result->output);
}

/* "mount.nfs: access denied by server while mounting ...": its last line. */
static int refuse(const char *source, const struct sp_child_result *result,
		  struct sp_error *err)
{
	const char *text = result->output ? result->output : "";
	size_t end = strlen(text), begin;
	char said[SP_TEXT_MAX];

	while (end && strchr(" \t\r\n", text[end - 1]))
		end--;
	for (begin = end; begin && text[begin - 1] != '\n';)
		begin--;
	sp_text_clean(text + begin, end - begin, said, sizeof said);
	return sp_error_set(err, SP_ERR_UNREACHABLE, "mounting '%s': %s", source,
			    *said ? said : "mount.nfs failed");
}

int sp_media_mount_nfs(const char *host, const char *path, unsigned port, const char *dir,
		       struct sp_error *err)
{
	bool in_brackets = strchr(host, ':');
	SP_AUTO(sp_str_freep)
	char *source = sp_text_format("%s%s%s:%s", in_brackets ? "[" : "", host,
				      in_brackets ? "]" : "", path);
	SP_AUTO(sp_str_freep)
	char *options = port ? sp_text_format(OPTIONS ",port=%u", port) : strdup(OPTIONS);
	SP_AUTO(result_done) struct sp_child_result result = { 0 };
	const char *argv[] = { program(), source, dir, "-o", options, NULL };
	int r;

	if (!source || !options)
		return sp_error_nomem(err);
	if (!argv[0])
		return sp_error_set(err, SP_ERR_UNREACHABLE,
				    "mounting '%s': this system has no mount.nfs",
				    source);
	r = sp_child_run(argv, NULL, DEADLINE_MS, &result, err);
	if (r < 0)
		return sp_error_context(err, "mounting '%s'", source);
	return result.status ? refuse(source, &result, err) : 0;
}
