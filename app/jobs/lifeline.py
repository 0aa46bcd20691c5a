"""Processes that end with whoever started them, also when that one is killed and can tell nobody."""

import os
import signal
import threading
import time

LOOK_SECONDS = 1.0
# As long as the server gives a request that is being answered when it is stopped.
GRACE_SECONDS = 10.0


def end_with(parent: int) -> None:
    """End this process once `parent`, the process id of whoever started it, is gone: as SIGTERM asks, then outright.

    A look each second instead of Linux's death signal: it also sees a parent that died before we came here, it does
    not end us with the mere thread that started us, and every Unix has it.
    """

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(LOOK_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(GRACE_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
