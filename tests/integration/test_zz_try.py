import os, time, json, sys
import pytest, httpx
from pathlib import Path
HERE = Path("/work/main/tests/integration")
DR = ("Talkative","Busy","Clinging","ClingingTogether")
@pytest.fixture
def drivers(tmp_path):
    about = tmp_path / "site" / "hostile-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: hostile\nVersion: 1.0\n")
    lines = [f"{c.lower()} = hostile_drivers:{c}" for c in DR]
    (about / "entry_points.txt").write_text("[classhub.drivers]\n" + "\n".join(lines) + "\n")
    return {"PYTHONPATH": os.pathsep.join([str(tmp_path / "site"), str(HERE / "drivers_for_tests")])}
def until(ask, true, limit=30):
    end = time.monotonic()+limit
    while not true(a := ask()):
        assert time.monotonic()<end, a
        time.sleep(0.02)
    return a
S="tiger-7-lamp"
def test_leak(start, drivers):
    hub = start(environment=drivers)
    with hub.client("engineer") as e, hub.client("pupil") as p:
        r = e.post("/api/v1/devices", json={"driver":"talkative","id":"t","settings":{"password":S,"address":f"http://u:{S}@h/"}})
        print(r.status_code, r.text[:500])
        st = until(lambda: p.get("/api/v1/devices/t/state").json(), lambda s: s["problem"])
        print("PUPIL STATE", st)
        print("SETTINGS", e.get("/api/v1/devices/t/settings").json()["values"])
        print("LOG", [l["text"][:200] for l in e.get("/api/v1/devices/t/log").json()["lines"]])
        print("AUDIT", S in e.get("/api/v1/audit").text)
        r = e.post("/api/v1/devices", json={"driver":"stream","id":"s","settings":{"url":f"http://u:{S}@127.0.0.1:9/x"}})
        print("S", r.status_code, r.text[:300])
        st = until(lambda: p.get("/api/v1/devices/s/state").json(), lambda s: s["problem"])
        print("PUPIL STATE", st)
        for bad in ("ftp://u:%s@h/x"%S, "http://u:%s@h /x"%S, "http://u:%s@[h/x"%S):
            r = e.post("/api/v1/devices", json={"driver":"stream","settings":{"url":bad}})
            print(r.status_code, r.text[:600])
            if r.status_code==201:
                i=r.json()["id"]
                print("PUPIL", until(lambda: p.get(f"/api/v1/devices/{i}/state").json(), lambda s: s["problem"]))
    hub.stop()
    print("ERR", S in hub.err.read_text()); 
    for l in hub.err.read_text().splitlines(): print("  ", repr(l[:160]))
def test_ids(start, camera):
    hub = start()
    with hub.client("engineer") as e:
        for i in ("hub","operations","x","cmd","reply","lessons","assets","discoveries","state","people"):
            r = e.post("/api/v1/devices", json={"driver":"stream","id":i,"settings":{"url":camera.url}})
            print(i, r.status_code)
            e.delete(f"/api/v1/devices/{i}")
        deep = "{\"driver\":\"stream\",\"settings\":" + "{\"a\":"*900 + "1" + "}"*900 + "}"
        for n in (30, 200,400,600,800,900,950,980):
            deep = "{\"driver\":\"stream\",\"settings\":" + "{\"a\":"*n + "1" + "}"*n + "}"
            r = e.post("/api/v1/devices", content=deep, headers={"Content-Type":"application/json"})
            print(n, r.status_code, r.text[:300])
        for n in (200,400,600,800,900,950,980):
            deep = "{\"driver\":\"stream\",\"settings\":{\"url\":" + "["*n + "1" + "]"*n + "}}"
            r = e.post("/api/v1/devices", content=deep, headers={"Content-Type":"application/json"})
            print(n, r.status_code, r.text[:300])
        for b in ('{"driver":"stream","settings":{"url":1e999}}','{"driver":"stream","settings":{"x":1e999}}','{"driver":"stream","settings":{"x":NaN}}','{"driver":"stream","settings":{"'+"k"*500000+'":1}}', '{"driver":"stream","settings":{"url":"http://h/","focus":'+"9"*4000+'}}', '{"driver":"stream\\u0000","settings":{}}','{"driver":"%s","settings":{}}'%("x"*300)):
            r = e.post("/api/v1/devices", content=b, headers={"Content-Type":"application/json"})
            print(b[:50], r.status_code, len(r.text), r.text[:300])
        r = e.post("/api/v1/devices", json={"driver":"stream","name":"<b>\u202e\x00\x07\n"*20,"seat":"\x1b[31m","settings":{"url":camera.url}})
        print(r.status_code, r.text[:300])
        print(e.get("/metrics").status_code)
        print(hub.err.read_text()[-1500:])
