/* SPDX-License-Identifier: GPL-2.0-or-later */

/* One write() a line on an O_APPEND descriptor, so that lines of two processes never
 * mix and a crash leaves whole lines. */

#include "installer-plugin/log.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/finding.h"
#include "base/text.h"
#include "repo/pack.h"

#define DEFAULT_LOG "/var/log/suppack.log"

enum { LINE_MAX_BYTES = 1000, TIME_MAX_BYTES = 32, COPY_MAX_BYTES = 1 << 20 };

struct sp_log {
	int fd; /* -1: swallows */
};

/* Stands in when there is no memory for a log: it only ever swallows. */
static struct sp_log nowhere = { -1 };

struct sp_log *sp_log_new(const char *path)
{
	struct sp_log *log = malloc(sizeof *log);

	if (!log)
		return &nowhere;
	log->fd = open(path ? path : DEFAULT_LOG,
		       O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
		       0600);
	return log;
}

void sp_log_free(struct sp_log *log)
{
	if (!log || log == &nowhere)
		return;
	sp_closep(&log->fd);
	free(log);
}

static size_t put_time(char text[TIME_MAX_BYTES])
{
	time_t now = time(NULL);
	struct tm parts;

	if (!gmtime_r(&now, &parts))
		return 0;
	return strftime(text, TIME_MAX_BYTES, "%Y-%m-%dT%H:%M:%SZ ", &parts);
}

void sp_log_line(struct sp_log *log, const char *fmt, ...)
{
	char raw[LINE_MAX_BYTES], line[TIME_MAX_BYTES + LINE_MAX_BYTES];
	struct sp_error ignored = SP_ERROR_INIT;
	size_t used = put_time(line);
	va_list args;

	if (log->fd < 0)
		return;
	va_start(args, fmt);
	if (vsnprintf(raw, sizeof raw, fmt, args) < 0)
		raw[0] = '\0';
	va_end(args);
	sp_text_clean(raw, strlen(raw), line + used, LINE_MAX_BYTES - 1);
	strcat(line, "\n");
	if (sp_file_write_all(log->fd, line, strlen(line), &ignored) < 0)
		sp_closep(&log->fd), log->fd = -1; /* full disk: stop trying */
}

void sp_log_findings(struct sp_log *log, const struct sp_findings *findings)
{
	for (size_t i = 0; i < findings->n; i++) {
		const struct sp_finding *at = &findings->items[i];

		sp_log_line(log, "finding %s (%s): %s", at->code, at->about, at->text);
	}
}

void sp_log_copy(const struct sp_log *log, int root_fd)
{
	SP_AUTO(sp_closep) int place_fd = -1;
	SP_AUTO(sp_str_freep) char *bytes = malloc(COPY_MAX_BYTES);
	struct sp_error ignored = SP_ERROR_INIT;
	off_t end = log->fd < 0 ? -1 : lseek(log->fd, 0, SEEK_END);
	ssize_t n = -1;

	if (bytes && end > 0)
		n = pread(log->fd, bytes, COPY_MAX_BYTES,
			  end > COPY_MAX_BYTES ? end - COPY_MAX_BYTES : 0);
	if (n > 0 &&
	    sp_file_open_dir_beneath(root_fd, "var/log", &place_fd, &ignored) == 0)
		(void)!sp_file_replace(place_fd, "suppack-installer.log", bytes,
				       (size_t)n, 0600, &ignored);
}

void sp_log_packs(struct sp_log *log, const struct sp_pack_list *packs)
{
	for (size_t i = 0; i < packs->n; i++) {
		const struct sp_pack *pack = &packs->items[i];

		sp_log_line(
			log, "found '%s' %s at '%s'%s%s: %s, key %s, metadata %s",
			pack->label, pack->version ? pack->version : "without version",
			pack->location, pack->directory && *pack->directory ? ", " : "",
			pack->directory ? pack->directory : "",
			sp_trust_state_name(pack->trust.state),
			pack->trust.key ? pack->trust.key : "none",
			pack->metadata_digest ? pack->metadata_digest : "none");
	}
}
