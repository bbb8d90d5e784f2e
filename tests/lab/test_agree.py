from pathlib import Path

import cv2
import numpy as np
import pytest
from scipy import stats

from scanmon.app.settings import Settings
from scanmon.core.errors import SettingsError
from scanmon.lab.agree import (
    MAX_RATINGS,
    Choice,
    Judgements,
    Rating,
    agree,
    agreement,
    kendall,
    read_judgements,
)
from tests.doubles.memory import traced_below
from tests.doubles.oracle import speckled


def _rated(ratings: list[float], reader: str = "", organ: str = "liver") -> list[Rating]:
    return [Rating(Path(str(i)), value, reader, organ) for i, value in enumerate(ratings)]


def _scores(*values: float) -> dict[Path, float]:
    return {Path(str(i)): value for i, value in enumerate(values)}


def test_a_metric_that_orders_as_people_do_is_always_right_and_its_opposite_never() -> None:
    judged = Judgements(ratings=tuple(_rated([1, 2, 3, 4, 5])))
    same = agreement(judged, _scores(10, 20, 30, 40, 50))
    assert (same.pictures, same.pairs, same.equal, same.ties) == (5, 10, 0, 0)
    assert (same.accuracy, same.low, same.high) == (1.0, 1.0, 1.0)
    assert (same.spearman, same.kendall) == (pytest.approx(1.0), pytest.approx(1.0))
    assert agreement(judged, _scores(5, 4, 3, 2, 1)).accuracy == 0.0


def test_ties_of_the_metric_count_half_and_those_of_people_nowhere() -> None:
    found = agreement(Judgements(ratings=tuple(_rated([1, 1, 2, 3]))), _scores(1, 2, 2, 3))
    # of 5 ordered pairs: 0-2, 0-3, 1-3, 2-3 right, 1-2 scored equal
    assert (found.pairs, found.equal, found.ties) == (5, 1, 1)
    assert found.accuracy == pytest.approx(4.5 / 5)


def test_pairs_are_those_of_one_reader_within_one_organ() -> None:
    ratings = _rated([1, 2], "A") + _rated([9, 8], "B")
    ratings += [Rating(Path("2"), 100.0, "A", "heart")]
    found = agreement(Judgements(ratings=tuple(ratings)), _scores(1, 2, 0))
    assert (found.pairs, found.accuracy) == (2, 0.5)
    assert agreement(Judgements(ratings=tuple(ratings)), _scores(1, 2, 0), "heart").pairs == 0


def test_choices_are_counted_with_equal_ones_apart() -> None:
    a, b, c = Path("0"), Path("1"), Path("2")
    choices = (Choice(a, b, 1, "", ""), Choice(b, c, -1, "", ""), Choice(a, c, 0, "", ""))
    found = agreement(Judgements(choices=choices), _scores(3, 2, 1))
    assert (found.pictures, found.pairs, found.equal, found.accuracy) == (3, 2, 1, 0.5)
    assert found.spearman is None
    nothing = agreement(Judgements(choices=choices), {})
    assert (nothing.pairs, nothing.accuracy, nothing.low) == (0, None, None)


def test_many_choices_take_little_memory() -> None:
    choices = tuple(Choice(Path("0"), Path("1"), 1 if n % 2 else -1, "", "") for n in range(20_000))
    with traced_below(20_000_000):
        assert agreement(Judgements(choices=choices), _scores(2, 1)).accuracy == 0.5


def test_the_interval_is_as_wide_as_the_binomial_says() -> None:
    choices = tuple(Choice(Path("0"), Path("1"), 1 if n < 280 else -1, "", "") for n in range(400))
    found = agreement(Judgements(choices=choices), _scores(2, 1))
    assert found.accuracy == pytest.approx(0.7)
    assert found.high is not None
    assert found.low < 0.7 < found.high
    assert found.high - found.low == pytest.approx(2 * 1.96 * np.sqrt(0.21 / 400), rel=0.1)


def test_kendall_and_spearman_equal_those_of_scipy() -> None:
    rng = np.random.default_rng(1)
    one, other = rng.integers(0, 6, 40).astype(float).tolist(), rng.integers(0, 6, 40).astype(float).tolist()
    assert kendall(one, other) == pytest.approx(stats.kendalltau(one, other).statistic)
    found = agreement(Judgements(ratings=tuple(_rated(other))), _scores(*one))
    assert found.spearman == pytest.approx(stats.spearmanr(one, other).statistic)
    assert kendall([1.0], [2.0]) is None
    assert kendall([1.0, 1.0], [2.0, 3.0]) == 0.0


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("picture,rating\na.png,1\n", "not the columns"),
        ("image,rating\n", "holds no judgement"),
        ("image,rating\na.png,good\n", "line 2: rating 'good' is no number"),
        ("image,rating\na.png,1\nb.png,nan\n", "line 3: rating 'nan'"),
        ("image,rating\n,1\n", "line 2: a picture is not named"),
        ("first,second,choice\na.png,b.png,left\n", "line 2: choice 'left' is none of first, second, equal"),
        ("first,second,choice\na.png\n", "line 2: choice ''"),
        ("first,second,choice\na.png,./a.png,equal\n", "line 2: both pictures are a.png"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_line(text: str, says: str, tmp_path: Path) -> None:
    (tmp_path / "j.csv").write_text(text)
    with pytest.raises(SettingsError, match=says):
        read_judgements(tmp_path / "j.csv")


@pytest.mark.parametrize(
    "text",
    [
        '\ufeffimage,rating,reader\r\n"liver/a, 1.png",3.5,AB\r\n',
        'image; Rating ;READER\n" liver/a, 1.png ";3,5; AB \n;;\n',
        "rating\timage\treader\n3.5\tliver\\a, 1.png\tAB\n\n",
        'image,rating,reader,organ\n"{folder}/liver/a, 1.png",3.5,AB,\n',
    ],
)
def test_tables_of_other_programs_and_countries_are_read_alike(text: str, tmp_path: Path) -> None:
    (tmp_path / "j.csv").write_text(text.format(folder=tmp_path), encoding="utf-8")
    (one,) = read_judgements(tmp_path / "j.csv").ratings
    assert one == Rating(tmp_path / "liver" / "a, 1.png", 3.5, "AB", "liver")


def test_a_picture_that_one_reader_rated_twice_is_no_pair() -> None:
    found = agreement(Judgements(ratings=(*_rated([1, 2]), *_rated([3, 2]))), _scores(1, 2))
    assert (found.pairs, found.ties, found.equal) == (4, 0, 0)


@pytest.mark.parametrize(
    "text",
    [
        "image,rating\na.png,1\n",
        "image,rating\na.png,2\nb.png,2\n",
        "image,rating,reader\na.png,1,A\nb.png,2,B\n",
        "first,second,choice\na.png,b.png,equal\n",
    ],
)
def test_judgements_without_an_order_are_told_before_anything_is_scored(text: str, tmp_path: Path) -> None:
    (tmp_path / "j.csv").write_text(text)
    with pytest.raises(SettingsError, match="of no two pictures one is called better"):
        agree(tmp_path / "j.csv", Settings(), "none", lambda *given: None)
    same = agreement(Judgements(ratings=tuple(_rated([2, 2]))), _scores(1, 2))
    assert (same.accuracy, same.spearman, same.kendall) == (None, None, None)


def test_what_is_no_text_or_not_there_is_refused(tmp_path: Path) -> None:
    (tmp_path / "j.csv").write_bytes(b"image,rating\n\xff\xfe,1\n")
    for name in ("j.csv", "none.csv"):
        with pytest.raises(SettingsError, match=name):
            read_judgements(tmp_path / name)


def test_the_command_asks_every_metric_and_draws_them(tmp_path, tiny_bundle, command) -> None:
    lines = ["image,rating"]
    for organ in ("liver", "heart"):
        (tmp_path / organ).mkdir()
        for level in range(4):
            bright = np.clip(speckled(level) * 0.3 + 50 * level, 0, 255).astype(np.uint8)
            cv2.imwrite(str(tmp_path / organ / f"{level}.png"), bright)
            lines.append(f"{organ}/{level}.png,{level}")
    lines.append("liver/gone.png,3")
    (tmp_path / "ratings.csv").write_text("\n".join(lines))
    options = ["--bundle", tiny_bundle, "--region", "full", "--plot", tmp_path / "plots"]
    said = command("agree", tmp_path / "ratings.csv", *options, code=1)
    assert "1 pictures could not be read" in said.err
    rows = {(row["metric"], row["organ"]): row for row in said.rows}
    assert {organ for _, organ in rows} == {"all", "heart", "liver"}
    assert {name for name, _ in rows} >= {"map", "nrq", "brightness"}
    assert rows["brightness", "all"]["accuracy"] == 1.0
    assert rows["brightness", "all"]["pairs"] == 12
    assert rows["brightness", "liver"]["pictures"] == 4
    drawn = cv2.imread(str(tmp_path / "plots" / "agreement.png"))
    assert drawn.std() > 5
    assert drawn[:, [0, -1]].min() == 255  # no word reaches over the edge


def test_a_reader_who_rates_more_than_can_be_compared_is_refused_and_blocks_change_nothing() -> None:
    rng = np.random.default_rng(0)
    values = rng.integers(0, 9, 600).tolist()
    found = agreement(Judgements(ratings=tuple(_rated(values))), _scores(*values))
    levels = np.bincount(values)
    equal = int((levels * (levels - 1) // 2).sum())
    assert (found.pairs, found.equal, found.accuracy) == (600 * 599 // 2 - equal, equal, 1.0)
    again = tuple(_rated([1.0]) * (MAX_RATINGS + 1))
    with pytest.raises(SettingsError, match="ratings by one reader"):
        agreement(Judgements(ratings=again), _scores(1.0))
