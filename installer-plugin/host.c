/* SPDX-License-Identifier: GPL-2.0-or-later */

/* One descriptor of the root for as long as the flow runs, so that all of its steps
 * mean the same host. */

#include "installer-plugin/host.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "installer-plugin/context.h"
#include "installer-plugin/settle.h"

void sp_host_done(struct sp_host *host)
{
	if (host->path)
		(void)close(host->root_fd);
	free(host->path);
	sp_target_done(&host->target);
	sp_record_list_done(&host->records);
	sp_findings_done(&host->findings);
	*host = (struct sp_host){ 0 };
}

/* Without the "/" at its end that some write. */
static char *path_of(const char *root)
{
	size_t len = strlen(root);

	while (len > 1 && root[len - 1] == '/')
		len--;
	return strndup(root, len);
}

int sp_host_open(const struct sp_context *context, struct sp_host *ret_host,
		 struct sp_error *err)
{
	const char *root = context->options->root;
	SP_AUTO(sp_host_done) struct sp_host host = { 0 };
	int fd, r;

	if (!root)
		return sp_error_set(err, SP_ERR_USAGE,
				    "'%s' needs --root: the host's root directory, / for "
				    "the running one",
				    context->options->verb);
	if (*root != '/')
		return sp_error_set(err, SP_ERR_USAGE, "--root '%s' is no absolute path",
				    root);
	fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return sp_error_set(err, SP_ERR_GONE, "opening the host's root '%s': %s",
				    root, strerror(errno));
	host.path = path_of(root);
	if (!host.path) {
		(void)close(fd);
		return sp_error_nomem(err);
	}
	host.root_fd = fd;
	r = sp_host_read(&host, err);
	if (r < 0)
		return sp_error_context(err, "reading the host in '%s'", host.path);
	*ret_host = host;
	host = (struct sp_host){ 0 };
	return 0;
}

int sp_host_read(struct sp_host *host, struct sp_error *err)
{
	int r;

	sp_target_done(&host->target);
	host->target = (struct sp_target){ 0 };
	sp_record_list_done(&host->records);
	sp_findings_done(&host->findings);
	host->findings = (struct sp_findings){ 0 };
	r = sp_target_read(host->root_fd, &host->target, &host->findings, err);
	return r < 0 ? r
		     : sp_record_list_read(host->root_fd, &host->records, &host->findings,
					   err);
}

bool sp_host_is_running(const struct sp_host *host)
{
	return !strcmp(host->path, "/");
}

char *sp_host_below(const struct sp_host *host, const char *path)
{
	return sp_text_format("%s/%s", sp_host_is_running(host) ? "" : host->path, path);
}

struct sp_settle_place sp_host_place(const struct sp_host *host)
{
	return (struct sp_settle_place){ .path = host->path,
					 .root_fd = host->root_fd,
					 .arch = host->target.arch,
					 .kernels = &host->target.kernels };
}
