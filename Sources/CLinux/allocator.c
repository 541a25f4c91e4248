// See include/allocator.h.
#include "allocator.h"

#include <malloc.h>

void cl_memory_prepare(void) {
    (void)mallopt(M_ARENA_MAX, 2);
    (void)mallopt(M_MMAP_THRESHOLD, 128 << 10);
}

void cl_memory_trim(void) { (void)malloc_trim(0); }
