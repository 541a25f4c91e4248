// stat(2) and fstat(2). Why not Glibc's: where SwiftNIO is imported too, Swift attributes `struct stat` to SwiftNIO's C
// module and hides its members (MemberImportVisibility).
#pragma once
#include <stdint.h>

struct cl_file {
    uint64_t device;
    uint64_t inode;
    int64_t size;
    int64_t modified_ns; // since 1970
    uint32_t mode;       // permission bits and set-id bits
    uint32_t owner;
    uint32_t group;
    int is_regular;
};

// 0 or -errno.
int cl_status(const char *path, struct cl_file *file);
int cl_status_of(int descriptor, struct cl_file *file);
