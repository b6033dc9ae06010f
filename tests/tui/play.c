/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An engine that plays a recorded part, and the real screens in front of it:
 *
 *         play [--in-window] SCRIPT
 *
 * The script's lines are `send JSON`, `expect JSON` (what the screens send next),
 * `await FILE` (until the file is there), `flood JSON` (sends it until the screens say
 * something), `die` (without an end), `hang` (until the
 * screens go).  With --in-window the screen is somebody else's, as in the installer, and
 * shown once more when the screens are gone.  The last line on stdout is "play: exit N",
 * or what was not as the script expects. */
#include <newt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <locale.h>

#include "base/json.h"
#include "base/lines.h"
#include "ui/screens.h"

enum { PATIENCE_MS = 30000, AWAIT_MS = 5 };

static void report(const char *what, const char *detail)
{
	FILE *out =
		fopen(getenv("PLAY_REPORT") ? getenv("PLAY_REPORT") : "/dev/null", "ae");

	if (!out)
		return;
	(void)fprintf(out, "%s: %s\n", what, detail);
	(void)fclose(out);
}

static void fail(const char *what, const char *detail)
{
	report(what, detail);
	_exit(1);
}

static void send_json(struct sp_lines *lines, const char *text)
{
	struct sp_error err = SP_ERROR_INIT;
	SP_AUTO(sp_json_freep) struct json_object *json = NULL;

	if (sp_json_parse(text, strlen(text), &json, &err) < 0)
		fail("the script is wrong", text);
	if (sp_lines_send(lines, json, &err) != 0)
		fail("nobody is there for", text);
}

static void expect_json(struct sp_lines *lines, const char *text)
{
	struct sp_error err = SP_ERROR_INIT;
	SP_AUTO(sp_json_freep) struct json_object *wanted = NULL, *json = NULL;
	SP_AUTO(sp_str_freep) char *wanted_text = NULL, *json_text = NULL;

	if (sp_json_parse(text, strlen(text), &wanted, &err) < 0)
		fail("the script is wrong", text);
	if (sp_lines_receive(lines, PATIENCE_MS, &json, &err) != 0)
		fail("expected, and did not come", text);
	wanted_text = sp_json_print(wanted, false);
	json_text = sp_json_print(json, false);
	if (strcmp(wanted_text, json_text) != 0)
		fail("not as expected", json_text);
}

static void flood(struct sp_lines *lines, const char *text)
{
	struct pollfd readable = { .fd = lines->fd, .events = POLLIN };

	while (poll(&readable, 1, 0) == 0)
		send_json(lines, text);
}

static void await_file(struct sp_lines *lines, const char *path)
{
	(void)lines;
	for (int waited = 0; access(path, F_OK) < 0; waited += AWAIT_MS) {
		if (waited > PATIENCE_MS)
			fail("nobody made the file", path);
		(void)usleep(AWAIT_MS * 1000);
	}
}

static void die(struct sp_lines *lines, const char *text)
{
	(void)lines;
	(void)text;
	_exit(0);
}

static void hang(struct sp_lines *lines, const char *text)
{
	struct sp_error err = SP_ERROR_INIT;
	struct json_object *json = NULL;

	(void)text;
	while (sp_lines_receive(lines, -1, &json, &err) != SP_LINES_END)
		sp_json_freep(&json);
}

static const struct {
	const char *word;
	void (*act)(struct sp_lines *lines, const char *text);
} acts[] = {
	{ "send ", send_json },   { "expect ", expect_json },
	{ "await ", await_file }, { "flood ", flood },
	{ "die", die },           { "hang", hang },
};

static void act(struct sp_lines *lines, const char *line)
{
	for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++)
		if (sp_text_starts_with(line, acts[i].word)) {
			acts[i].act(lines, line + strlen(acts[i].word));
			return;
		}
	if (*line)
		fail("the script is wrong", line);
}

static void play_engine(int fd, const char *script)
{
	struct sp_lines lines = { .fd = fd };
	FILE *in = fopen(script, "re");
	char *line = NULL;
	size_t size = 0;
	ssize_t n;

	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGHUP, SIG_IGN);
	if (!in)
		fail("the script cannot be read", script);
	while ((n = getline(&line, &size, in)) > 0) {
		line[n - 1] = '\0';
		act(&lines, line);
	}
	_exit(0);
}

/* What the installer's screen looks like before and after. */
static void open_installer(void)
{
	(void)setlocale(LC_CTYPE, "");
	(void)newtInit();
	newtCls();
	newtDrawRootText(0, 0, "The installer");
	newtPushHelpLine("The installer's help line");
	(void)newtCenteredWindow(60, 14, "Welcome");
	newtRefresh();
}

static void close_installer(void)
{
	struct newtExitStruct end;
	newtComponent form = newtForm(NULL, NULL, 0);

	newtFormAddComponent(form, newtButton(20, 5, "Go on"));
	newtFormRun(form, &end);
	newtFormDestroy(form);
	(void)newtFinished();
}

int main(int argc, char **argv)
{
	bool is_ours = argc == 2;
	struct sp_screens_options options = { .own_screen = is_ours };
	struct sp_error err = SP_ERROR_INIT;
	SP_AUTO(sp_json_freep) struct json_object *said = NULL;
	int ends[2], code = -1, status = -1, r;
	pid_t pid;

	if (argc < 2 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return 2;
	pid = fork();
	if (pid == 0) {
		(void)close(ends[0]);
		play_engine(ends[1], argv[argc - 1]);
	}
	(void)close(ends[1]);
	if (!is_ours)
		open_installer();
	r = sp_screens_run(ends[0], &options, &code, &said, &err);
	(void)close(ends[0]);
	if (!is_ours)
		close_installer();
	(void)waitpid(pid, &status, 0);
	if (r < 0)
		report("the screens", err.text);
	if (status != 0)
		report("the engine",
		       WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "failed");
	if (r < 0)
		(void)printf("play: %s\n", err.text);
	else
		(void)printf("play: exit %d\n", code);
	return status == 0 && r == 0 ? 0 : 1;
}
