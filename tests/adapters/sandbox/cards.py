"""Any card that the bot could show, for properties."""

from hypothesis import strategies as st

from bot.model.cards import Card, Check, Choice, Choices, Facts, Input, Quote, RunCommand, Series, Text, Trend

words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30)
values = st.lists(st.none() | st.integers(-10, 110), max_size=14).map(tuple)
blocks = st.one_of(
    st.builds(Text, words, st.booleans()),
    st.builds(Quote, words),
    st.builds(Facts, st.lists(st.tuples(words, words), max_size=3).map(tuple)),
    st.builds(
        Choices,
        st.lists(st.builds(Choice, words, st.builds(RunCommand, words)), max_size=4).map(tuple),
        words,
        st.booleans(),
    ),
    st.builds(
        Trend,
        words,
        st.lists(words, max_size=14).map(tuple),
        st.lists(st.builds(Series, words, values), max_size=3).map(tuple),
    ),
    st.builds(Input, st.just("text"), words, words),
    st.builds(Check, st.just("share"), words),
)
cards = st.builds(Card, words, st.lists(blocks, max_size=5).map(tuple))
