"""Reports of mail servers, read: what they say, and that nothing else passes for one."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from profiles.bounces import LARGEST, NoReport, Report, read_report
from tests.factories.mail_reports import make_bounce, make_complaint

ID = "<1.abc@localhost>"


@pytest.mark.parametrize("original", ["text/rfc822-headers", "message/rfc822"])
@pytest.mark.parametrize(
    ("status", "is_final"), [("5.1.1", True), ("5.1.10", True), ("5.2.1", True), ("5.2.2", False), ("5.7.1", False), ("4.4.7", False)]
)
def test_a_bounce_says_which_mail_and_how_final(original, status, is_final):
    assert read_report(make_bounce(ID, status=status, original=original)) == Report("bounce", ID, status, is_final)


def test_a_complaint_says_which_mail_though_the_address_is_hidden():
    assert read_report(make_complaint(ID)) == Report("complaint", ID, "", is_final=True)
    with pytest.raises(NoReport, match="no complaint"):
        read_report(make_complaint(ID, feedback="not-spam"))


def test_a_service_that_gives_mails_an_id_of_its_own_is_understood():
    content = make_bounce("<its-own@service.example>").replace(b"Message-ID:", b"X-Mail-Id: <1.abc@localhost>\r\nMessage-ID:")
    assert read_report(content).message_id == ID


def test_of_several_statuses_the_final_one_counts():
    two = b"Status: 4.4.1\r\n\r\nFinal-Recipient: rfc822; b@example.org\r\nAction: failed\r\nStatus: 5.1.1\r\n"
    assert read_report(make_bounce(ID).replace(b"Status: 5.1.1\r\n", two)).status == "5.1.1"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "no multipart/report"),
        (b"From: a@example.org\r\nSubject: Re: hello\r\n\r\nOut of office. Status: 5.1.1\r\nAction: failed\r\n", "no multipart/report"),
        (make_bounce(ID, action="delayed"), "no mail that failed"),
        (make_bounce(ID, action="delivered", status="2.0.0"), "no mail that failed"),
        (make_bounce("nothing"), "does not name the mail"),
        (make_bounce(ID).replace(b"report-type=delivery-status", b"report-type=disposition-notification"), "no multipart/report"),
        (make_bounce(ID) + b"x" * LARGEST, "longer than"),
    ],
)
def test_what_is_no_report_is_refused(content, why):
    with pytest.raises(NoReport, match=why):
        read_report(content)


@given(st.data())
@example(None)
def test_whatever_comes_is_a_report_or_refused_and_nothing_else(data):
    """Bytes of every kind, and true reports that were cut, turned or doubled."""
    if data is None:
        content = b"Content-Type: multipart/mixed; boundary=a\r\n\r\n" + b"--a\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n" * 3000
    else:
        whole = data.draw(st.sampled_from([make_bounce(ID), make_complaint(ID), make_bounce(ID, original="message/rfc822")]))
        turned = bytearray(data.draw(st.one_of(st.just(whole), st.binary(max_size=300))))
        for place, byte in data.draw(st.lists(st.tuples(st.integers(0, 999), st.integers(0, 255)), max_size=8)):
            if place < len(turned):
                turned[place] = byte
        cut = data.draw(st.integers(0, len(turned)))
        content = bytes(turned[:cut] + turned[data.draw(st.integers(0, cut)) :])
    try:
        report = read_report(content)
    except NoReport:
        return
    assert report.kind in {"bounce", "complaint"}
    assert report.message_id.startswith("<")
    assert len(report.message_id) <= 192
    assert len(report.status) <= 11
