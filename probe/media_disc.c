/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Discs come and go while the drive stays: it needs its time, and the kernel hears of a
 * change when the drive is opened anew; what is read before that fails. */
#include "probe/media.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/cdrom.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"

enum {
	STEP_MS = 200,
	READY_STEPS = 50,  /* a drive may take 10 s to look at its disc */
	CHANGED_STEPS = 5, /* and this long to be done with the one before */
	BLOCK_BYTES = 2048,
	DESCRIPTOR_AT = 16 * BLOCK_BYTES, /* where an ISO image begins to be one */
};

static void wait_a_step(void)
{
	const struct timespec step = { .tv_nsec = STEP_MS * 1000000L };

	(void)nanosleep(&step, NULL);
}

static int status_of(int fd)
{
	int status = ioctl(fd, CDROM_DRIVE_STATUS, CDSL_CURRENT);

	for (int i = 0; status == CDS_DRIVE_NOT_READY && i < READY_STEPS; i++) {
		wait_a_step();
		status = ioctl(fd, CDROM_DRIVE_STATUS, CDSL_CURRENT);
	}
	return status;
}

static bool can_read(int fd)
{
	char block[BLOCK_BYTES];

	return pread(fd, block, sizeof block, DESCRIPTOR_AT) >= 0;
}

/* Who opens it has the kernel ask for news; the descriptor there is sees them too. */
static void hear_news(int fd)
{
	SP_AUTO(sp_str_freep) char *path = sp_text_format("/proc/self/fd/%d", fd);
	SP_AUTO(sp_closep)
	int again = path ? open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC) : -1;

	wait_a_step();
	(void)again;
}

bool sp_medium_has_disc(int fd)
{
	int status = status_of(fd);

	for (int i = 0; status == CDS_DISC_OK && i < CHANGED_STEPS && !can_read(fd);
	     i++) {
		hear_news(fd);
		status = status_of(fd);
	}
	/* A drive that cannot tell is asked for its bytes. */
	return status != CDS_NO_DISC && status != CDS_TRAY_OPEN;
}
