"""What the studies share: trained boxes, learners, matched labels, a space without the judged family."""
