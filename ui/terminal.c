/* SPDX-License-Identifier: GPL-2.0-or-later */
/* newt's ways with terminals, kept in one place: it ends the process over a TERM it does
 * not know, waits in a select() of its own, and cannot give a screen another size. */
#include "ui/terminal.h"

#include <locale.h>
#include <newt.h>
#include <poll.h>
#include <string.h>
#include <sys/signalfd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "ui/legible.h"

/* S-Lang looks for a description in these, and knows some terminals by heart. */
static const char *const terminfo_dirs[] = {
	"/etc/terminfo",
	"/lib/terminfo",
	"/usr/share/terminfo",
	"/usr/lib/terminfo",
	"/usr/local/share/terminfo",
};
static const char *const terms_by_heart[] = { "vt", "xterm", "linux" };
static const char fallback_term[] = "vt102";

static bool has_description(const char *dir, const char *term)
{
	SP_AUTO(sp_str_freep) char *path = sp_text_format("%s/%c/%s", dir, term[0], term);
	SP_AUTO(sp_str_freep)
	char *hex = sp_text_format("%s/%02x/%s", dir, (unsigned char)term[0], term);

	return path && hex && (access(path, R_OK) == 0 || access(hex, R_OK) == 0);
}

static bool is_known_term(const char *term)
{
	const char *own_dir = getenv("TERMINFO");

	if (!term || !*term || strchr(term, '/'))
		return false;
	for (size_t i = 0; i < sizeof terms_by_heart / sizeof terms_by_heart[0]; i++)
		if (sp_text_starts_with(term, terms_by_heart[i]))
			return true;
	for (size_t i = 0; i < sizeof terminfo_dirs / sizeof terminfo_dirs[0]; i++)
		if (has_description(terminfo_dirs[i], term))
			return true;
	return own_dir && has_description(own_dir, term);
}

static void measure(struct sp_terminal *terminal)
{
	newtGetScreenSize(&terminal->canvas.columns, &terminal->canvas.rows);
	terminal->canvas.is_utf8 = sp_legible_is_utf8();
}

static int start_screen(struct sp_terminal *terminal, struct sp_error *err)
{
	if (newtInit() < 0)
		return sp_error_set(err, SP_ERR_IO, "the screen cannot be opened");
	newtCls();
	measure(terminal);
	newtDrawRootText(0, 0, terminal->headline);
	return 0;
}

/* Signals are read like keys: no handler, so nothing to restore but the mask. */
static int catch_signals(struct sp_terminal *terminal, struct sp_error *err)
{
	sigset_t signals;

	(void)sigemptyset(&signals);
	(void)sigaddset(&signals, SIGINT);
	(void)sigaddset(&signals, SIGTERM);
	(void)sigaddset(&signals, SIGHUP);
	terminal->signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	if (terminal->signal_fd < 0 ||
	    sigprocmask(SIG_BLOCK, &signals, &terminal->old_mask) < 0) {
		sp_closep(&terminal->signal_fd);
		return sp_error_set(err, SP_ERR_IO, "signals cannot be received");
	}
	return 0;
}

static bool take_signals(int signal_fd)
{
	struct signalfd_siginfo info;
	bool any = false;

	while (read(signal_fd, &info, sizeof info) == (ssize_t)sizeof info)
		any = true;
	return any;
}

/* A signal that came late would end us now, after all was undone and said. */
static void release_signals(struct sp_terminal *terminal)
{
	(void)take_signals(terminal->signal_fd);
	(void)sigprocmask(SIG_SETMASK, &terminal->old_mask, NULL);
	(void)close(terminal->signal_fd);
}

/* What newt needs of the process, which may be another's: given back at the end. */
static int borrow(struct sp_terminal *terminal, struct sp_error *err)
{
	/* All of it: S-Lang sets it anew, too. */
	const char *locale = setlocale(LC_ALL, NULL), *term = getenv("TERM");

	terminal->old_locale = strdup(locale ? locale : "C");
	if (!terminal->old_locale)
		return sp_error_nomem(err);
	(void)setlocale(LC_CTYPE, "");
	if (is_known_term(term))
		return 0;
	terminal->changed_term = true;
	terminal->old_term = term ? strdup(term) : NULL;
	if ((term && !terminal->old_term) || setenv("TERM", fallback_term, 1) < 0)
		return sp_error_nomem(err);
	return 0;
}

static void give_back(struct sp_terminal *terminal)
{
	if (terminal->old_locale)
		(void)setlocale(LC_ALL, terminal->old_locale);
	/* If there is no memory for the old one, the new one stays. */
	if (terminal->changed_term && terminal->old_term)
		(void)setenv("TERM", terminal->old_term, 1);
	else if (terminal->changed_term)
		(void)unsetenv("TERM");
	free(sp_steal(terminal->old_locale));
	free(sp_steal(terminal->old_term));
}

static int open_ours(struct sp_terminal *terminal, struct sp_error *err)
{
	int r;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return sp_error_set(err, SP_ERR_USAGE,
				    "screens need a terminal, and this is none");
	r = borrow(terminal, err);
	if (r == 0)
		r = catch_signals(terminal, err);
	if (r == 0) {
		r = start_screen(terminal, err);
		if (r < 0)
			release_signals(terminal);
	}
	if (r < 0)
		give_back(terminal);
	return r;
}

int sp_terminal_open(struct sp_terminal *terminal, bool is_ours, const char *headline,
		     struct sp_error *err)
{
	*terminal = (struct sp_terminal){ .is_ours = is_ours,
					  .headline = headline,
					  .signal_fd = -1 };
	if (is_ours)
		return open_ours(terminal, err);
	measure(terminal);
	return 0;
}

void sp_terminal_close(struct sp_terminal *terminal)
{
	newtCursorOff();
	if (!terminal->is_ours)
		return;
	(void)newtFinished();
	release_signals(terminal);
	give_back(terminal);
}

int sp_terminal_resize(struct sp_terminal *terminal, struct sp_error *err)
{
	struct sp_canvas before = terminal->canvas;

	if (terminal->is_ours) {
		(void)newtFinished();
		return start_screen(terminal, err);
	}
	measure(terminal);
	if (terminal->canvas.columns > before.columns)
		terminal->canvas.columns = before.columns;
	if (terminal->canvas.rows > before.rows)
		terminal->canvas.rows = before.rows;
	return 0;
}

bool sp_terminal_is_gone(void)
{
	struct pollfd input = { .fd = STDIN_FILENO };

	/* What is always reported, asked for or not: POLLHUP, POLLERR, POLLNVAL. */
	return poll(&input, 1, 0) > 0;
}

int sp_terminal_wait(const struct sp_terminal *terminal, int fd, int timeout_ms)
{
	struct pollfd fds[] = {
		{ .fd = STDIN_FILENO, .events = POLLIN },
		{ .fd = fd, .events = POLLIN },
		{ .fd = terminal->signal_fd, .events = POLLIN },
	};
	int woken = 0;

	if (poll(fds, sizeof fds / sizeof fds[0], timeout_ms) <= 0)
		return 0;
	if (fds[0].revents)
		woken |= SP_WOKEN_BY_KEY;
	if (fds[1].revents)
		woken |= SP_WOKEN_BY_MESSAGE;
	if (fds[2].revents && take_signals(terminal->signal_fd))
		woken |= SP_WOKEN_BY_SIGNAL;
	return woken;
}
