"""All questions, in the order in which they are asked."""

from benchmarks.question import Question
from benchmarks.questions import (
    clone,
    create_drop,
    dml,
    huge,
    neighbour,
    platforms,
    rows,
    scale,
    setup_cost,
    whole,
)

QUESTIONS: dict[str, Question] = {
    question.name: question
    for question in (
        dml.QUESTION,
        rows.QUESTION,
        setup_cost.QUESTION,
        platforms.QUESTION,
        create_drop.QUESTION,
        neighbour.QUESTION,
        whole.QUESTION,
        clone.QUESTION,
        huge.QUESTION,
        scale.QUESTION,
    )
}
