"""``mmbench leaderboard build`` as a command."""

import json


def test_builds_a_site_of_what_is_verified(cli, tmp_path):
    for model in ("majority", "random"):
        assert cli("run", "-m", model, "-t", "sentiment", "--limit", "10", "--no-report").returncode == 0
    good = cli("leaderboard", "build", "runs", "-o", "site")
    assert good.returncode == 0, good.stderr
    assert good.stdout.count("accepted") == 2
    assert (tmp_path / "site" / "index.html").is_file()

    manifest = next((tmp_path / "runs").glob("*-random-*")) / "manifest.json"
    document = json.loads(manifest.read_text())
    document["tasks"][0]["dataset"]["fingerprint"] = "0" * 64
    manifest.write_text(json.dumps(document))
    mixed = cli("leaderboard", "build", "runs", "-o", "site", "--title", "Ours")
    assert mixed.returncode == 3
    assert "dataset: sentiment:reviews: another dataset" in mixed.stdout
    assert not (tmp_path / "site" / "models" / "random.html").exists()


def test_a_folder_without_runs_is_misuse(cli, tmp_path):
    (tmp_path / "empty").mkdir()
    found = cli("leaderboard", "build", "empty")
    assert found.returncode == 2
    assert "no run folder in empty" in found.stderr


def test_packed_runs_are_built_into_a_site_that_is_published(cli, tmp_path):
    assert cli("run", "-m", "majority", "-t", "sentiment", "--limit", "10", "--no-report").returncode == 0
    run = next((tmp_path / "runs").glob("*-majority-*"))
    (tmp_path / "inbox").mkdir()
    packed = cli("leaderboard", "pack", str(run), "-o", "inbox")
    assert packed.returncode == 0, packed.stderr
    (tmp_path / "inbox" / "broken.mmbench").write_bytes(b"no zip")
    built = cli("leaderboard", "build", "inbox", "-o", "site")
    assert built.returncode == 3
    assert built.stdout.count("accepted") == 1
    assert "cannot unpack broken.mmbench" in " ".join(built.stdout.split())
    published = cli("leaderboard", "publish", "site", "--to", "public")
    assert published.returncode == 0, published.stderr
    assert (tmp_path / "public" / "models" / "majority.html").is_file()
