from hypothesis import given
from hypothesis import strategies as st

from model_export.corpus import split
from tests.model_export.scores import piece

WORKS = st.lists(st.sampled_from([f"w{n}" for n in range(12)]), min_size=1, max_size=40)


@given(
    WORKS,
    st.dictionaries(
        st.sampled_from([f"w{n}" for n in range(12)]), st.sampled_from(["validation", "test"])
    ),
)
def test_a_cluster_is_never_in_two_splits(works, held_out):
    clusters = [str(int(work[1:]) // 3) for work in works]
    parts = split.assign(works, clusters, held_out)
    seen: dict[str, str] = {}
    for cluster, part in zip(clusters, parts, strict=True):
        assert seen.setdefault(cluster, part) == part
    for work, part in zip(works, parts, strict=True):
        if held_out.get(work) == "test":
            assert part == "test"
        if held_out.get(work) == "validation":
            assert part != "train"


def test_the_draw_is_stable_and_holds_out_about_a_twentieth_of_each_group():
    notes = [(n, 1, 60, 0) for n in range(10)]
    pieces = [
        piece(f"{group}{n}", notes, group=group, work=f"{group}{n // 2}")
        for group in ("hymn", "song")
        for n in range(400)
    ]
    clusters = [one.work for one in pieces]
    table = split.draw(pieces, clusters)
    assert table == split.draw(pieces[::-1], clusters[::-1])
    for part in ("validation", "test"):
        for group in ("hymn", "song"):
            works = [work for work in table[part] if work.startswith(group)]
            assert len(works) == 10  # 20 of 400 pieces, two to a work
    assert not set(table["validation"]) & set(table["test"])


def test_the_frozen_split_names_works_once_and_of_known_sources():
    from model_export.corpus.sources import SOURCES

    held_out = split.frozen()
    names = {source.name for source in SOURCES}
    assert {work.partition("/")[0] for work in held_out} == names
    assert 100 < sum(part == "test" for part in held_out.values()) < 400
    assert 100 < sum(part == "validation" for part in held_out.values()) < 400
