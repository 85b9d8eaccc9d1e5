from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connections
from django.test import Client, TransactionTestCase

from polls.tests import make_question

VOTES = 50
THREADS = 10


class ConcurrentVoteTests(TransactionTestCase):
    def test_no_vote_is_lost(self):
        question = make_question("Q", "a", "b")
        url = question.get_absolute_url()
        choice, other = question.choices.all()
        start = Barrier(THREADS)

        def vote_for_a_while(_):
            try:
                client = Client()
                start.wait(timeout=30)
                return [
                    client.post(url, {"choice": choice.pk}).status_code
                    for _ in range(VOTES // THREADS)
                ]
            finally:
                connections.close_all()

        with ThreadPoolExecutor(THREADS) as pool:
            codes = [code for part in pool.map(vote_for_a_while, range(THREADS)) for code in part]

        self.assertEqual(Counter(codes), {302: VOTES})
        choice.refresh_from_db()
        other.refresh_from_db()
        self.assertEqual((choice.votes, other.votes), (VOTES, 0))
