import numpy as np
import pytest

from scanmon.lab.compare.ulpips import distance_map, neighbourhoods, total, ulpips_input, ulpips_terms
from tests.doubles import published


def _tokens(seed: int, side: int = 14, width: int = 12) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [rng.standard_normal((1 + side * side, width)).astype(np.float32) for _ in range(2)]


def _literal(a: np.ndarray, b: np.ndarray, radius: int, tau: float) -> np.ndarray:
    """(side, side): token by token, as the published code goes."""
    a, b = (x[1:] / np.linalg.norm(x[1:], axis=1, keepdims=True) for x in (a.astype(float), b.astype(float)))
    side = round(len(a) ** 0.5)
    found = np.empty((side, side))
    for row in range(side):
        for column in range(side):
            near = [
                y * side + x
                for y in range(max(0, row - radius), min(side, row + radius + 1))
                for x in range(max(0, column - radius), min(side, column + radius + 1))
            ]
            tables = []
            for tokens in (a[near], b[near]):
                powers = np.exp(tau * tokens @ tokens.T)
                tables.append(powers / powers.sum(axis=1, keepdims=True))
            found[row, column] = np.abs(tables[0] - tables[1]).mean()
    return found


def test_ulpips_is_symmetric_and_zero_for_the_same_tokens() -> None:
    one, other = _tokens(0), _tokens(1)
    assert total(ulpips_terms(one, one)) == 0.0
    assert total(ulpips_terms(one, other)) == pytest.approx(total(ulpips_terms(other, one)), abs=1e-15)
    assert 0 < total(ulpips_terms(one, other)) < 0.1


@pytest.mark.parametrize(("radius", "tau"), [(3, 20.0), (0, 20.0), (1, 5.0), (5, 100.0), (13, 20.0)])
def test_every_radius_and_factor_gives_the_literal_formula(radius: int, tau: float) -> None:
    one, other = _tokens(0), _tokens(1)
    terms = ulpips_terms(one, other, radius, tau)
    for term, a, b in zip(terms, one, other, strict=True):
        expected = _literal(a, b, radius, tau)
        np.testing.assert_allclose(term.map, expected, atol=5e-8)  # single precision
        assert term.structure == pytest.approx(expected.mean(), abs=1e-8)


def test_published_options_equal_the_other_implementation_of_the_tests() -> None:
    one, other = _tokens(2, width=24), _tokens(3, width=24)
    for term, a, b in zip(ulpips_terms(one, other), one, other, strict=True):
        structure, gram = published.ulpips_layer(a, b)
        assert term.structure == pytest.approx(structure, abs=1e-7)
        assert term.gram == pytest.approx(gram, abs=1e-10)


def test_a_large_factor_neither_overflows_nor_gives_nan() -> None:
    terms = ulpips_terms(_tokens(0), _tokens(1), tau=5000.0)
    assert all(np.isfinite(term.map).all() for term in terms)


def test_the_map_says_where_the_tokens_differ() -> None:
    one = _tokens(0)
    other = [layer.copy() for layer in one]
    for layer in other:
        layer[1:].reshape(14, 14, -1)[10, 3] *= -1
    where = distance_map(ulpips_terms(one, other))
    rows, columns = np.nonzero(where)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (7, 13, 0, 6)
    assert where.mean() == pytest.approx(total(ulpips_terms(one, other)), rel=0.01)


def test_every_token_is_in_one_group_and_its_neighbourhood_holds_it() -> None:
    groups = neighbourhoods(14, 3)
    assert sorted(np.concatenate([centres for centres, _ in groups])) == list(range(196))
    assert all((near == centres[:, None]).any(axis=1).all() for centres, near in groups)
    assert max(near.shape[1] for _, near in groups) == 49


def test_ulpips_input_is_squeezed_to_the_published_square() -> None:
    small = ulpips_input(np.full((100, 333), 51, np.uint8))
    assert small.shape == (224, 224)
    np.testing.assert_allclose(small, 51, atol=1e-4)
