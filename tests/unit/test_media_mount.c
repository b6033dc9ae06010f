/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Real loop devices, mounted by the real kernel; needs root.  What this kernel cannot
 * mount (FAT, ISO 9660) is mounted in the virtual host (tests/vm). */
#include "probe/media.h"

#include "base/json.h"
#include "base/worker.h"
#include "probe/root.h"
#include "support/table.h"
#include "support/machine.h"

#include <errno.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>

/* The device of @file, which is taken down when its last user has closed it. */
static void set_up_loop(const char *file, char *device, size_t size)
{
	int ends[2], status = -1;
	ssize_t len;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0 || (pid = fork()) < 0)
		abort();
	if (pid == 0) {
		(void)dup2(ends[1], STDOUT_FILENO);
		(void)execlp("losetup", "losetup", "--find", "--show", file, NULL);
		_exit(127);
	}
	(void)close(ends[1]);
	len = read(ends[0], device, size - 1);
	if (len <= 0 || waitpid(pid, &status, 0) < 0 || status != 0)
		abort();
	device[len] = '\0';
	device[strcspn(device, "\n")] = '\0';
	(void)close(ends[0]);
}

static void take_down_loop(const char *device)
{
	machine_run((const char *[]){ "losetup", "--detach", device, NULL });
}

enum { NO_SYMFOLLOW = 0x2000 }; /* ST_NOSYMFOLLOW of newer C libraries */

static bool is_since_5_10(void)
{
	int major_number = 0, minor_number = 0;
	struct utsname name;

	assert_int_equal(uname(&name), 0);
	assert_int_equal(sscanf(name.release, "%d.%d", &major_number, &minor_number), 2);
	return major_number > 5 || (major_number == 5 && minor_number >= 10);
}

/* ---- in a worker ----------------------------------------------------------- */

struct job {
	const char *device, *type, *dir;
};

static int run(void *arg, struct sp_outlet *outlet, struct sp_error *err)
{
	const struct job *job = arg;
	struct json_object *message = sp_json_object();
	char file[PATH_MAX];
	struct statvfs vfs;
	int r = sp_media_mount(job->device, job->type, job->dir, err);

	if (r < 0)
		return r;
	(void)snprintf(file, sizeof file, "%s/lost+found", job->dir);
	sp_json_set_bool(message, "there", access(file, F_OK) == 0);
	if (statvfs(job->dir, &vfs) < 0)
		return sp_error_set_errno(err, errno, "statvfs");
	sp_json_set_int(message, "flags", (int64_t)vfs.f_flag);
	(void)snprintf(file, sizeof file, "%s/new", job->dir);
	sp_json_set_bool(message, "written",
			 open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600) >= 0);
	r = sp_outlet_send(outlet, message, err);
	return r < 0 ? r : sp_media_unmount(job->dir, err);
}

static int take(void *user, struct json_object *message, struct sp_error *err)
{
	struct json_object **kept = user;

	(void)err;
	*kept = sp_json_ref(message);
	return 0;
}

static int mount_in_worker(struct job *job, struct json_object **message,
			   struct sp_error *err)
{
	struct sp_worker_job work = { .what = "mounting",
				      .run = run,
				      .arg = job,
				      .on_message = take,
				      .user = message,
				      .flags = SP_WORKER_PRIVATE_MOUNTS };

	return sp_worker_run(&work, NULL, err);
}

/* ---- tests ----------------------------------------------------------------- */

// clang-format off
static const struct row {
	const char *name, *made_as, *mounted_as;
	int sys_errno; /* 0: it is mounted */
} rows[] = {
	{ "ext4", "ext4", "ext4", 0 },
	{ "ext3", "ext3", "ext3", 0 },
	{ "ext2", "ext2", "ext2", 0 },
	{ "ext4 that is none", NULL, "ext4", EINVAL },
	{ "iso9660 that is none, or a kernel without", NULL, "iso9660", -1 },
};
// clang-format on

static void mounts(void **state)
{
	const struct row *row = *state;
	SP_AUTO(sp_json_freep) struct json_object *message = NULL;
	struct sp_error err = SP_ERROR_INIT;
	struct machine machine;
	char image[PATH_MAX], dir[PATH_MAX], device[64];
	struct job job = { device, row->mounted_as, dir };
	int r;

	if (geteuid() != 0)
		skip();
	machine_init(&machine);
	(void)snprintf(image, sizeof image, "%s", machine_path(&machine, "image"));
	(void)snprintf(dir, sizeof dir, "%s", machine_path(&machine, "mnt"));
	machine_write(&machine, "mnt/under", "");
	machine_write(&machine, "image", "");
	assert_int_equal(truncate(image, 8 << 20), 0);
	if (row->made_as)
		machine_run((const char *[]){ "mke2fs", "-q", "-F", "-t", row->made_as,
					      image, NULL });
	set_up_loop(image, device, sizeof device);
	r = mount_in_worker(&job, &message, &err);
	take_down_loop(device);
	if (row->sys_errno == 0) {
		int64_t flags = sp_json_get_int(message, "flags", 0);

		assert_int_equal(r, 0);
		assert_true(sp_json_get_bool(message, "there", false));
		assert_false(sp_json_get_bool(message, "written", true));
		assert_int_equal(flags & (ST_RDONLY | ST_NOSUID | ST_NODEV | ST_NOEXEC),
				 ST_RDONLY | ST_NOSUID | ST_NODEV | ST_NOEXEC);
		assert_int_equal((flags & NO_SYMFOLLOW) != 0, is_since_5_10());
	} else {
		assert_int_equal(r, -SP_ERR_IO);
		if (row->sys_errno > 0)
			assert_int_equal(err.sys_errno, row->sys_errno);
		assert_non_null(strstr(err.text, device));
	}
	/* Nothing of it is left in our own tree. */
	assert_int_equal(access(machine_path(&machine, "mnt/under"), F_OK), 0);
	machine_done(&machine);
}

/* The journal of a stick that was pulled out is not replayed: its bytes stay as found. */
static void leaves_the_journal_alone(void **state)
{
	SP_AUTO(sp_json_freep) struct json_object *message = NULL;
	struct sp_error err = SP_ERROR_INIT;
	static char before[8 << 20], after[8 << 20];
	struct machine machine;
	char image[PATH_MAX], dir[PATH_MAX], device[64];
	struct job job = { device, "ext4", dir };
	const char needs_recovery = 0x04; /* EXT4_FEATURE_INCOMPAT_RECOVER */
	char byte = 0;
	int fd;

	(void)state;
	if (geteuid() != 0)
		skip();
	machine_init(&machine);
	(void)snprintf(image, sizeof image, "%s", machine_path(&machine, "image"));
	(void)snprintf(dir, sizeof dir, "%s", machine_path(&machine, "mnt"));
	machine_write(&machine, "mnt/under", "");
	machine_write(&machine, "image", "");
	assert_int_equal(truncate(image, 8 << 20), 0);
	machine_run((const char *[]){ "mke2fs", "-q", "-F", "-t", "ext4", "-O",
				      "^metadata_csum", image, NULL });
	fd = open(image, O_RDWR | O_CLOEXEC);
	assert_int_equal(pread(fd, &byte, 1, 1024 + 0x60), 1);
	byte = (char)(byte | needs_recovery);
	assert_int_equal(pwrite(fd, &byte, 1, 1024 + 0x60), 1);
	assert_int_equal(pread(fd, before, sizeof before, 0), sizeof before);
	set_up_loop(image, device, sizeof device);
	assert_int_equal(mount_in_worker(&job, &message, &err), 0);
	take_down_loop(device);
	assert_int_equal(pread(fd, after, sizeof after, 0), sizeof after);
	assert_memory_equal(before, after, sizeof before);
	(void)close(fd);
	machine_done(&machine);
}

/* The device as the survey sees it: open, and the very one that was listed. */
static void opens_the_device_that_was_listed(void **state)
{
	SP_AUTO(sp_root_freep) struct sp_root *root = NULL;
	SP_AUTO(sp_closep) int fd = -1;
	struct sp_medium medium = { 0 };
	struct sp_error err = SP_ERROR_INIT;
	struct machine machine;
	struct stat st;
	char device[64];

	(void)state;
	if (geteuid() != 0)
		skip();
	machine_init(&machine);
	machine_write(&machine, "image", "");
	assert_int_equal(truncate(machine_path(&machine, "image"), 8 << 20), 0);
	set_up_loop(machine_path(&machine, "image"), device, sizeof device);
	assert_int_equal(stat(device, &st), 0);
	assert_int_equal(sp_root_new("/", &root, &err), 0);
	medium.path = device;
	medium.number = st.st_rdev;
	assert_int_equal(sp_medium_open(root, &medium, &fd, &err), 0);
	sp_closep(&fd);
	fd = -1;
	medium.number = st.st_rdev + 1;
	assert_int_equal(sp_medium_open(root, &medium, &fd, &err), SP_MEDIUM_OPEN_GONE);
	assert_int_equal(fd, -1);
	take_down_loop(device);
	machine_done(&machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(leaves_the_journal_alone),
		cmocka_unit_test(opens_the_device_that_was_listed),
	};

	return table_run("mount", rows, mounts) +
	       cmocka_run_group_tests(tests, NULL, NULL);
}
