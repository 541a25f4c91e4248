#pragma once
// The C library's allocator, for the controlplane: Swift's Glibc module does not have malloc.h.

/// Two arenas at most, and large pieces always as mappings of their own, which go back to the kernel when
/// they are freed: else the limit grows with the first that is (mallopt(3)).
void cl_memory_prepare(void);

/// Gives back what is free (malloc_trim(3)).
void cl_memory_trim(void);
