"""Calibration, ranking and language-model values computed sample by sample, independent of mmbench: tests only."""

import math


def softmax(scores):
    top = max(scores)
    weights = [math.exp(score - top) for score in scores]
    return [weight / sum(weights) for weight in weights]


def judged(scores, target):
    """Return the confidence and whether the answer is right."""
    shares = softmax(scores)
    return max(shares), shares.index(max(shares)) == target


def ece(rows, bins):
    """Equal-width bins (lower, upper], weighted mean of |accuracy - confidence|; rows are (confidence, right)."""
    error = 0.0
    for index in range(bins):
        inside = [row for row in rows if index / bins < row[0] <= (index + 1) / bins]
        if inside:
            accuracy = sum(right for _, right in inside) / len(inside)
            confidence = sum(one for one, _ in inside) / len(inside)
            error += len(inside) / len(rows) * abs(accuracy - confidence)
    return error


def ece_by_mass(rows, groups):
    """Groups of equal size in order of confidence; the number of rows must be a multiple of the groups."""
    ordered, size, error = sorted(rows), len(rows) // groups, 0.0
    for start in range(0, len(rows), size):
        part = ordered[start : start + size]
        error += abs(sum(right for _, right in part) - sum(one for one, _ in part)) / len(rows)
    return error


def brier(scores, target):
    return sum((share - (place == target)) ** 2 for place, share in enumerate(softmax(scores)))


def log_loss(scores, target):
    return -math.log(softmax(scores)[target])


def aurc(rows):
    """Mean error rate over all coverages; rows must have distinct confidences."""
    ordered = sorted(rows, reverse=True)
    wrong, total = 0, 0.0
    for count, (_, right) in enumerate(ordered, 1):
        wrong += not right
        total += wrong / count
    return total / len(rows)


def roc_area(positive, negative):
    """Share of (positive, negative) pairs in the right order, ties half."""
    wins = sum((one > other) + (one == other) / 2 for one in positive for other in negative)
    return wins / (len(positive) * len(negative))


def windows(tokens, prefix, most):
    """lm-evaluation-harness's rolling windows with a context of one: (input tokens, predicted tokens)."""
    text = [prefix, *tokens]
    done, out = 0, []
    while done < len(tokens):
        new = min(most, len(tokens) - done)
        end = done + new
        out.append((text[max(0, end - most) : end], text[1 + done : 1 + end]))
        done = end
    return out


def words_as_the_harness_counts_them(text):
    """Pieces between runs of white space: an empty one before leading and after trailing white space."""
    count, in_gap = 1, False
    for letter in text:
        if letter.isspace() and not in_gap:
            count += 1
        in_gap = letter.isspace()
    return count
