#include "load.h"

#include <stdlib.h>

void add_sample(struct samples *samples, uint64_t ns) {
    if (samples->count == samples->capacity) {
        samples->capacity = samples->capacity ? samples->capacity * 2 : 1 << 16;
        samples->values = realloc(samples->values, samples->capacity * sizeof *samples->values);
        if (!samples->values) fail("realloc");
    }
    samples->values[samples->count++] = ns > UINT32_MAX ? UINT32_MAX : (uint32_t)ns;
}

static int ascending(const void *one, const void *other) {
    uint32_t a = *(const uint32_t *)one, b = *(const uint32_t *)other;
    return (a > b) - (a < b);
}

void sort_samples(struct samples *samples) {
    qsort(samples->values, samples->count, sizeof *samples->values, ascending);
}

double percentile_us(const struct samples *sorted, double share) {
    if (sorted->count == 0) return 0;
    size_t index = (size_t)(share * (double)sorted->count);
    return sorted->values[index < sorted->count ? index : sorted->count - 1] / 1000.0;
}
