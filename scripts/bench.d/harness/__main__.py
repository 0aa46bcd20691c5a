"""Lists the benchmarks, or runs one: python scripts/bench.d/harness [NAME [--json FILE] [--option value ...]]"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from harness import benchmarks, main, title_of

if len(sys.argv) < 2 or sys.argv[1] in ("-h", "--help"):
    for name, path in benchmarks().items():
        print(f"{name:<12} {title_of(path)}")
    raise SystemExit(0)
if sys.argv[1] not in benchmarks():
    raise SystemExit(f"no benchmark {sys.argv[1]}; there are: {', '.join(benchmarks())}")
raise SystemExit(main(sys.argv[1], sys.argv[2:]))
