"""The front desk: an ``Incoming`` becomes answers, duty calls and ``Outgoing``. It knows no messenger."""
