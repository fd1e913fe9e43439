"""The breaker's transitions, one by one and all of them together."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baler.files.courier.answer import Answer, Meaning
from baler.files.courier.breaker import RETRY_AFTER_MAX_SECONDS, Breaker, BreakerLimits, Cause, Phase

NOW = 1_795_165_262.0
LIMITS = BreakerLimits(failures_to_open=3, probe_interval_seconds=30)

ACCEPTED = Answer(Meaning.ACCEPTED, "200", 200)
REFUSED = Answer(Meaning.REFUSED, "422", 422)
BUSY = Answer(Meaning.BUSY, "503", 503)
UNREACHABLE = Answer(Meaning.UNREACHABLE, "timeout")
MISPLACED = Answer(Meaning.MISPLACED, "404", 404)
UNAUTHORIZED = Answer(Meaning.UNAUTHORIZED, "401", 401)

STRICT = [Cause.REFUSES_EVERYTHING, Cause.CREDENTIALS]


def after(breaker: Breaker, *answers: Answer, at: float = NOW) -> Breaker:
    """Give answers to sends of different bundles."""
    for number, each in enumerate(answers):
        breaker = breaker.after(each, f"b{number}", at, LIMITS)
    return breaker


def opened(cause: Cause) -> Breaker:
    """Return a breaker that opened at NOW, whose probe is out a minute later."""
    causes = {
        Cause.UNREACHABLE: [UNREACHABLE] * 3,
        Cause.REFUSES_EVERYTHING: [REFUSED] * 3,
        Cause.CREDENTIALS: [UNAUTHORIZED],
    }
    return after(Breaker(), *causes[cause]).probing("bundle", NOW + 60, LIMITS)


# What opens it


@pytest.mark.requirement("PUSH-E2E-02", "PUSH-AVAIL-02")
@pytest.mark.parametrize("failure", [UNREACHABLE, BUSY, MISPLACED])
def test_it_opens_at_as_many_failures_in_a_row_as_the_setting_says_and_not_before(failure: Answer) -> None:
    before = after(Breaker(), failure, failure)
    assert before.closed
    assert before.failures == 2
    assert not after(before, failure).closed


def test_one_failure_opens_it_where_the_setting_says_one() -> None:
    limits = replace(LIMITS, failures_to_open=1)
    assert Breaker().after(UNREACHABLE, "b", NOW, limits).cause is Cause.UNREACHABLE
    assert Breaker().after(REFUSED, "b", NOW, limits).cause is Cause.REFUSES_EVERYTHING


@pytest.mark.parametrize(
    ("answers", "cause"),
    [
        ([UNREACHABLE, BUSY, UNREACHABLE], Cause.UNREACHABLE),
        ([BUSY, BUSY, BUSY], Cause.UNREACHABLE),
        ([MISPLACED, MISPLACED, MISPLACED], Cause.REFUSES_EVERYTHING),
        ([REFUSED, REFUSED, REFUSED], Cause.REFUSES_EVERYTHING),
        ([UNAUTHORIZED], Cause.CREDENTIALS),
        ([UNREACHABLE, UNAUTHORIZED], Cause.CREDENTIALS),
    ],
)
def test_it_opens_with_the_cause_and_says_when_and_why(answers: list[Answer], cause: Cause) -> None:
    breaker = after(Breaker(), *answers)
    assert (breaker.phase, breaker.cause, breaker.reason) == (Phase.OPEN, cause, answers[-1].reason)
    assert breaker.opened_at == NOW
    assert breaker.open_seconds(NOW + 7) == 7


def test_an_acceptance_in_between_begins_the_count_anew() -> None:
    assert after(Breaker(), UNREACHABLE, UNREACHABLE, ACCEPTED) == Breaker()
    assert after(Breaker(), UNREACHABLE, UNREACHABLE, ACCEPTED, UNREACHABLE, UNREACHABLE).closed


def test_a_refusal_in_between_shows_a_living_receiver_and_begins_the_count_of_failures_anew() -> None:
    breaker = after(Breaker(), UNREACHABLE, UNREACHABLE, REFUSED, UNREACHABLE, UNREACHABLE)
    assert breaker.closed
    assert breaker.failures == 2


def test_one_bundle_that_is_refused_again_and_again_never_opens_it() -> None:
    breaker = Breaker()
    for _ in range(20):
        breaker = breaker.after(REFUSED, "poison", NOW, LIMITS)
    assert breaker.closed
    assert breaker.refused == ("poison",)


def test_only_an_acceptance_begins_the_count_of_refused_bundles_anew() -> None:
    counted = after(Breaker(), REFUSED, REFUSED).after(UNREACHABLE, "b2", NOW, LIMITS)
    assert counted.refused == ("b0", "b1")
    assert counted.after(REFUSED, "b3", NOW, LIMITS).cause is Cause.REFUSES_EVERYTHING
    assert counted.after(ACCEPTED, "b3", NOW, LIMITS) == Breaker()


# What is said of one bundle alone


@pytest.mark.parametrize("answer", [UNAUTHORIZED, MISPLACED])
def test_what_is_said_of_a_bundle_while_others_pass_is_a_refusal_of_it_the_next_time(answer: Answer) -> None:
    first = Breaker().after(answer, "poison", NOW, LIMITS)
    assert first.weigh(answer, "poison") == answer
    passed = first.after(ACCEPTED, "other", NOW, LIMITS)
    assert passed.weigh(answer, "poison") == replace(answer, meaning=Meaning.REFUSED)
    assert passed.weigh(answer, "other") == answer
    again = passed.after(passed.weigh(answer, "poison"), "poison", NOW, LIMITS)
    assert again.closed
    assert again.refused == ("poison",)


def test_there_is_an_acceptance_before_each_such_answer_that_counts_as_a_refusal() -> None:
    suspected = after(Breaker(), UNAUTHORIZED).after(ACCEPTED, "other", NOW, LIMITS)
    used = suspected.after(suspected.weigh(UNAUTHORIZED, "b0"), "b0", NOW, LIMITS)
    assert used.weigh(UNAUTHORIZED, "b0") == UNAUTHORIZED
    assert used.after(ACCEPTED, "other", NOW, LIMITS).weigh(UNAUTHORIZED, "b0").meaning is Meaning.REFUSED


def test_a_bundle_that_is_accepted_after_all_is_no_suspect() -> None:
    suspected = after(Breaker(), UNAUTHORIZED).after(ACCEPTED, "other", NOW, LIMITS)
    accepted = suspected.after(ACCEPTED, "b0", NOW, LIMITS)
    assert accepted == Breaker()
    assert accepted.weigh(UNAUTHORIZED, "b0") == UNAUTHORIZED


def test_an_outage_or_another_refusal_makes_a_suspect_of_nobody_and_forgets_none() -> None:
    assert after(Breaker(), UNREACHABLE, REFUSED, BUSY, ACCEPTED).suspects == ()
    suspected = after(Breaker(), UNAUTHORIZED).after(ACCEPTED, "other", NOW, LIMITS)
    assert after(suspected, UNREACHABLE, UNREACHABLE, UNREACHABLE).suspects == ("b0",)
    assert suspected.after(REFUSED, "b9", NOW, LIMITS).suspects == ("b0",)


def test_while_nobody_is_let_in_what_is_said_of_a_suspect_is_said_of_all() -> None:
    suspected = after(Breaker(), UNAUTHORIZED).after(ACCEPTED, "other", NOW, LIMITS)
    assert suspected.after(UNAUTHORIZED, "b1", NOW, LIMITS).weigh(UNAUTHORIZED, "b0") == UNAUTHORIZED


def test_the_names_that_are_kept_are_the_latest_and_few() -> None:
    breaker = Breaker()
    for number in range(30):
        breaker = breaker.after(UNAUTHORIZED, f"b{number}", NOW, LIMITS)
    assert breaker.accused == tuple(f"b{number}" for number in range(20, 30))
    assert breaker.after(ACCEPTED, "other", NOW, LIMITS).suspects == breaker.accused


# What closes it


@pytest.mark.parametrize("cause", list(Cause))
def test_an_acceptance_closes_whatever_opened_it_and_forgets_all(cause: Cause) -> None:
    assert after(opened(cause), ACCEPTED) == Breaker()


@pytest.mark.requirement("PUSH-E2E-02", "PUSH-NFR-08")
def test_a_refused_probe_proves_a_living_receiver_and_closes_what_opened_because_none_answered() -> None:
    breaker = after(opened(Cause.UNREACHABLE), REFUSED)
    assert breaker == Breaker(reason="422", refused=("b0",))
    assert breaker.blames_bundles


@pytest.mark.parametrize("cause", STRICT)
@pytest.mark.parametrize("answer", [REFUSED, BUSY, UNREACHABLE, MISPLACED, UNAUTHORIZED])
def test_nothing_but_an_acceptance_closes_what_opened_for_refusals(cause: Cause, answer: Answer) -> None:
    breaker = opened(cause)
    for turn in range(10):
        breaker = breaker.after(answer, f"b{turn}", NOW + turn, LIMITS)
        assert not breaker.closed
        assert not breaker.blames_bundles


@pytest.mark.parametrize("answer", [BUSY, UNREACHABLE])
def test_a_receiver_that_is_not_back_stays_unreachable(answer: Answer) -> None:
    breaker = after(opened(Cause.UNREACHABLE), answer)
    assert (breaker.phase, breaker.cause, breaker.reason) == (Phase.OPEN, Cause.UNREACHABLE, answer.reason)


@pytest.mark.parametrize(
    ("cause", "answer", "becomes"),
    [
        # It answers again, and takes nothing.
        (Cause.UNREACHABLE, MISPLACED, Cause.REFUSES_EVERYTHING),
        (Cause.UNREACHABLE, UNAUTHORIZED, Cause.CREDENTIALS),
        (Cause.REFUSES_EVERYTHING, UNAUTHORIZED, Cause.CREDENTIALS),
        # The credentials are not what is wrong any more.
        (Cause.CREDENTIALS, MISPLACED, Cause.REFUSES_EVERYTHING),
        # One bundle that is refused says nothing of all; and that nobody answers now makes nothing good.
        (Cause.CREDENTIALS, REFUSED, Cause.CREDENTIALS),
        (Cause.CREDENTIALS, UNREACHABLE, Cause.CREDENTIALS),
        (Cause.CREDENTIALS, BUSY, Cause.CREDENTIALS),
        (Cause.REFUSES_EVERYTHING, UNREACHABLE, Cause.REFUSES_EVERYTHING),
        (Cause.REFUSES_EVERYTHING, BUSY, Cause.REFUSES_EVERYTHING),
        (Cause.REFUSES_EVERYTHING, MISPLACED, Cause.REFUSES_EVERYTHING),
    ],
)
def test_a_probe_may_show_another_cause(cause: Cause, answer: Answer, becomes: Cause) -> None:
    breaker = after(opened(cause), answer)
    assert (breaker.phase, breaker.cause) == (Phase.OPEN, becomes)
    assert breaker.opened_at == NOW


def test_credentials_that_are_taken_again_by_a_receiver_that_takes_no_bundle_are_not_the_cause_any_more() -> None:
    assert after(opened(Cause.CREDENTIALS), REFUSED, REFUSED).cause is Cause.CREDENTIALS
    assert after(opened(Cause.CREDENTIALS), REFUSED, REFUSED, REFUSED).cause is Cause.REFUSES_EVERYTHING


def test_what_opened_for_refusals_is_not_closed_by_an_outage_in_between() -> None:
    assert not after(opened(Cause.REFUSES_EVERYTHING), UNREACHABLE, REFUSED).closed
    assert not after(opened(Cause.CREDENTIALS), UNREACHABLE, REFUSED).closed


# Probes


def test_the_first_probe_is_due_an_interval_after_it_opened() -> None:
    breaker = after(Breaker(), *[UNREACHABLE] * 3)
    assert breaker.seconds_to_probe(NOW, LIMITS) == 30
    assert breaker.seconds_to_probe(NOW + 30, LIMITS) == 0


@pytest.mark.requirement("PUSH-E2E-02", "PUSH-AVAIL-02")
def test_a_probe_that_nobody_comes_back_from_costs_an_interval_and_no_more() -> None:
    lost = opened(Cause.UNREACHABLE)
    assert lost.phase is Phase.HALF_OPEN
    assert not lost.closed
    assert lost.seconds_to_probe(NOW + 60, LIMITS) == 30
    assert lost.seconds_to_probe(NOW + 90, LIMITS) == 0


def test_the_interval_counts_from_probe_to_probe_however_long_one_hangs() -> None:
    hung = after(opened(Cause.UNREACHABLE), UNREACHABLE, at=NOW + 60 + 29)
    assert hung.seconds_to_probe(NOW + 89, LIMITS) == 1
    refused_at_once = after(opened(Cause.UNREACHABLE), UNREACHABLE, at=NOW + 60)
    assert refused_at_once.seconds_to_probe(NOW + 60, LIMITS) == 30


@pytest.mark.parametrize(("asked", "wait"), [(0, 30), (5, 30), (30, 30), (100, 100), (300, 300), (86_400, 300)])
def test_a_pause_that_the_receiver_asks_for_is_kept_up_to_five_minutes(asked: float, wait: float) -> None:
    busy = replace(BUSY, retry_after_seconds=asked)
    assert after(Breaker(), BUSY, BUSY, busy).seconds_to_probe(NOW, LIMITS) == wait
    at = NOW + 60
    assert after(opened(Cause.UNREACHABLE), busy, at=at).seconds_to_probe(at, LIMITS) == wait


def test_a_later_answer_without_a_pause_does_not_shorten_one_that_was_asked_for() -> None:
    breaker = after(Breaker(), BUSY, BUSY, replace(BUSY, retry_after_seconds=200), BUSY)
    assert breaker.seconds_to_probe(NOW, LIMITS) == 200


def test_a_probe_time_that_a_wrong_clock_wrote_holds_nobody() -> None:
    breaker = replace(opened(Cause.UNREACHABLE), probe_at=NOW + 86_400)
    assert breaker.seconds_to_probe(NOW, LIMITS) == 0


def test_probes_are_counted_over_the_whole_time_that_it_is_open_and_the_last_one_is_named() -> None:
    breaker = opened(Cause.UNREACHABLE)
    counts = [breaker.probes]
    for _ in range(3):
        breaker = after(breaker, UNREACHABLE).probing("bundle", NOW, LIMITS)
        counts.append(breaker.probes)
    assert counts == [1, 2, 3, 4]
    assert breaker.probed == "bundle"
    assert after(breaker, ACCEPTED) == Breaker()


def test_answers_of_sends_that_were_out_when_it_opened_neither_prolong_nor_repeat_anything() -> None:
    breaker = after(Breaker(), *[UNREACHABLE] * 3)
    assert breaker.after(UNREACHABLE, "late", NOW + 5, LIMITS) == breaker


# All of them


ANSWERS = st.builds(
    Answer,
    meaning=st.sampled_from(list(Meaning)),
    reason=st.just("word"),
    retry_after_seconds=st.floats(min_value=0, max_value=1e6),
)
EVENTS = st.lists(st.tuples(ANSWERS, st.sampled_from("abcdef"), st.floats(min_value=0, max_value=120)), max_size=30)


@given(EVENTS, st.integers(min_value=1, max_value=5))
def test_whatever_comes_a_state_is_whole(events: list[tuple[Answer, str, float]], most: int) -> None:
    limits = replace(LIMITS, failures_to_open=most)
    breaker, now = Breaker(), NOW
    for answer, name, seconds in events:
        now += seconds
        if not breaker.closed and breaker.seconds_to_probe(now, limits) == 0:
            breaker = breaker.probing("bundle", now, limits)
            assert breaker.seconds_to_probe(now, limits) == limits.probe_interval_seconds
        breaker = breaker.after(answer, name, now, limits)
        assert breaker.closed == (breaker.cause is None) == (breaker.opened_at == 0) == (breaker.probe_at == 0)
        assert breaker.failures < most
        assert len(breaker.refused) == len(set(breaker.refused)) <= most
        assert breaker.closed or breaker.seconds_to_probe(now, limits) <= RETRY_AFTER_MAX_SECONDS
        if answer.meaning is Meaning.ACCEPTED:
            assert replace(breaker, suspects=()) == Breaker()
            assert name not in breaker.suspects
        assert not set(breaker.accused) & set(breaker.suspects)
        if answer.meaning is Meaning.UNAUTHORIZED:
            assert breaker.cause is Cause.CREDENTIALS


@given(EVENTS)
def test_between_two_probes_there_is_an_interval_whatever_is_answered(events: list[tuple[Answer, str, float]]) -> None:
    breaker, now, last = opened(Cause.UNREACHABLE), NOW + 60, NOW + 60
    for answer, name, seconds in events:
        breaker = breaker.after(answer, name, now, LIMITS)
        if breaker.closed:
            return
        now += seconds
        if breaker.seconds_to_probe(now, LIMITS) == 0:
            assert now - last >= LIMITS.probe_interval_seconds
            breaker, last = breaker.probing("bundle", now, LIMITS), now
