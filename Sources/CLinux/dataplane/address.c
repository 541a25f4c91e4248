// Addresses as the kernel has them. See ../include/dataplane.h.
#include "internal.h"

#include <string.h>

static uint64_t load64(const uint8_t *bytes) {
    uint64_t value;
    memcpy(&value, bytes, 8);
    return __builtin_bswap64(value);
}
static void store64(uint8_t *bytes, uint64_t value) {
    value = __builtin_bswap64(value);
    memcpy(bytes, &value, 8);
}
void dp_decode(const struct sockaddr_storage *from, struct dp_endpoint *to) {
    *to = (struct dp_endpoint){0};
    if (from->ss_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)from;
        to->family = 4;
        to->port = ntohs(in->sin_port);
        to->high = (uint64_t)ntohl(in->sin_addr.s_addr) << 32;
    } else if (from->ss_family == AF_INET6) {
        const struct sockaddr_in6 *in = (const struct sockaddr_in6 *)from;
        to->family = 6;
        to->port = ntohs(in->sin6_port);
        to->high = load64(in->sin6_addr.s6_addr);
        to->low = load64(in->sin6_addr.s6_addr + 8);
    }
}
socklen_t dp_encode(const struct dp_endpoint *from, struct sockaddr_storage *to) {
    memset(to, 0, sizeof *to);
    if (from->family == 4) {
        struct sockaddr_in *in = (struct sockaddr_in *)to;
        in->sin_family = AF_INET;
        in->sin_port = htons(from->port);
        in->sin_addr.s_addr = htonl((uint32_t)(from->high >> 32));
        return sizeof *in;
    }
    struct sockaddr_in6 *in = (struct sockaddr_in6 *)to;
    in->sin6_family = AF_INET6;
    in->sin6_port = htons(from->port);
    store64(in->sin6_addr.s6_addr, from->high);
    store64(in->sin6_addr.s6_addr + 8, from->low);
    return sizeof *in;
}
long dp_unix_address(const char *path, struct sockaddr_un *address) {
    size_t length = strlen(path);
    if (length == 0 || length >= sizeof address->sun_path) return -ENAMETOOLONG;
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(address->sun_path, path, length);
    return 0;
}
