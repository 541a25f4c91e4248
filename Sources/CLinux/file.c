// See include/file.h.
#include "file.h"

#include <errno.h>
#include <sys/stat.h>

static int fill(int result, const struct stat *from, struct cl_file *to) {
    if (result < 0) return -errno;
    to->device = from->st_dev;
    to->inode = from->st_ino;
    to->size = from->st_size;
    to->modified_ns = from->st_mtim.tv_sec * 1000000000ll + from->st_mtim.tv_nsec;
    to->mode = from->st_mode & 07777;
    to->owner = from->st_uid;
    to->group = from->st_gid;
    to->is_regular = S_ISREG(from->st_mode);
    return 0;
}
int cl_status(const char *path, struct cl_file *file) {
    struct stat found;
    return fill(stat(path, &found), &found, file);
}
int cl_status_of(int descriptor, struct cl_file *file) {
    struct stat found;
    return fill(fstat(descriptor, &found), &found, file);
}
