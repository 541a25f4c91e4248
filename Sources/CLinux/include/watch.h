// inotify(7), for files that whoever writes them may also replace: their directories are watched.
#pragma once

int cl_watch_open(void); // a descriptor that is readable after a change, or -errno
int cl_watch_add(int fd, const char *directory); // 0 or -errno; a second time changes nothing
int cl_watch_take(int fd); // 1 where something had changed; forgets it
