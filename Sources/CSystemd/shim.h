#pragma once
// libsystemd, for the controlplane only. Its variadic functions and macros cannot be imported.
#include <systemd/sd-bus.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-id128.h>
#include <systemd/sd-journal.h>
