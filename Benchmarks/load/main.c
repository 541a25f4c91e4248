#define _GNU_SOURCE
#include "load.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static const char help[] =
    "usage: load MODE [OPTION...]\n"
    "\n"
    "  server       serves the others: --port, --received FILE\n"
    "  bulk         --count streams, --up or from the server, --received FILE\n"
    "  connections  short ones, --count at once, --limit in all\n"
    "  trips        round trips on --count connections, --size bytes, --split: answered in two writes\n"
    "  idle         opens --count, holds them until standard input ends\n"
    "  verify       --limit bytes echoed and compared, and a half-closed connection\n"
    "  first        connects until the first byte comes\n"
    "\n"
    "  --to ADDRESS --port PORT --from ADDRESS --sources COUNT\n"
    "  --seconds S --warm-up S --bill PID,... --far PID,...\n";

int main(int argc, char **argv) {
    static const struct option names[] = {
        {"to", 1, 0, 't'},      {"port", 1, 0, 'p'},     {"from", 1, 0, 'f'},    {"sources", 1, 0, 's'},
        {"seconds", 1, 0, 'S'}, {"warm-up", 1, 0, 'w'},  {"count", 1, 0, 'c'},   {"limit", 1, 0, 'l'},
        {"size", 1, 0, 'z'},    {"up", 0, 0, 'u'},       {"split", 0, 0, 'x'},   {"bill", 1, 0, 'b'},
        {"far", 1, 0, 'F'},     {"received", 1, 0, 'r'}, {0, 0, 0, 0}};
    static const struct { const char *name; int (*run)(const struct options *); } modes[] = {
        {"server", serve},  {"bulk", run_bulk},     {"connections", run_connections}, {"trips", run_trips},
        {"idle", run_idle}, {"verify", run_verify}, {"first", run_first}};
    struct options options = {.to = "127.0.0.1", .port = 9000, .sources = 1, .seconds = 1, .count = 1, .size = 64};
    for (int option; (option = getopt_long(argc, argv, "", names, NULL)) != -1;) switch (option) {
        case 't': options.to = optarg; break;
        case 'p': options.port = (uint16_t)atoi(optarg); break;
        case 'f': options.from = optarg; break;
        case 's': options.sources = atoi(optarg); break;
        case 'S': options.seconds = atof(optarg); break;
        case 'w': options.warm_up = atof(optarg); break;
        case 'c': options.count = atoi(optarg); break;
        case 'l': options.limit = atol(optarg); break;
        case 'z': options.size = atoi(optarg); break;
        case 'u': options.upward = true; break;
        case 'x': options.split = true; break;
        case 'b': options.billed = optarg; break;
        case 'F': options.far = optarg; break;
        case 'r': options.received = optarg; break;
        default: fputs(help, stderr); return 64;
        }
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    signal(SIGPIPE, SIG_IGN);
    const char *mode = optind < argc ? argv[optind] : "";
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
        if (!strcmp(mode, modes[i].name)) return modes[i].run(&options);
    fputs(help, stderr);
    return 64;
}
