import tests.architecture.models as m, tempfile, pathlib
from tests.architecture.test_determinism import _ordered_calls,_key
M=m.compile_and_build(pathlib.Path(tempfile.mkdtemp()))
for q in M.queries:
    for c in _ordered_calls(q):
        k=_key(c); print(q.name, c.sql('duckdb')[:60], '|', [x.sql('duckdb') for x in k], M.repeated(*k))
from sqlglot import exp
from tests.architecture.test_determinism import _window
for q in M.queries:
    for w in q.tree.find_all(exp.Window):
        s=w.args.get('spec')
        if s: print(q.name,w.sql('duckdb')[:150],s.args)
