#include "model/trade/trade_blocks.h"

#include "base/error.h"
#include "base/mem.h"
#include "support/check.h"

#define MOST 6

typedef struct {
    trade_blocks_t blocks;
    int n;
    double links[MOST * MOST], transfer[MOST], income[MOST];
} net_t;

/* n actors of income 100 who trade with themselves, without transfers. */
static void make(net_t *net, int n) {
    *net = (net_t){.n = n};
    assert_int_equal(trade_blocks_init(&net->blocks, MOST), 0);
    for (int i = 0; i < n; i++) {
        net->income[i] = 100;
        net->links[i * n + i] = 1;
    }
}

static void join(net_t *net, int i, int j) {
    net->links[i * net->n + j] = 1;
}

static void join_both(net_t *net, int i, int j) {
    join(net, i, j);
    join(net, j, i);
}

static void find(net_t *net) {
    trade_blocks_find(&net->blocks, net->n, net->links, net->transfer, net->income);
}

static bool open_link(const net_t *net, int i, int j) {
    return net->links[i * net->n + j] > 0;
}

static void test_one_block(void **state) {
    (void)state;
    net_t net;
    make(&net, 4);
    for (int i = 0; i < 3; i++) join_both(&net, i, i + 1);
    net.transfer[0] = 10;
    net.transfer[3] = -10;
    find(&net);
    assert_int_equal(net.blocks.n_blocks, 1);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(net.blocks.block[i], 0);
        CHECK_NEAR(net.blocks.transfer[i], net.transfer[i], 1e-14);
    }
    for (int i = 0; i < 3; i++) assert_true(open_link(&net, i, i + 1) && open_link(&net, i + 1, i));
    trade_blocks_free(&net.blocks);
}

/* What a block owes to others cannot be paid: all its members share the loss by income. */
static void test_two_blocks_balance_their_transfers(void **state) {
    (void)state;
    net_t net;
    make(&net, 5);
    join_both(&net, 0, 1);
    join_both(&net, 2, 3);
    net.income[1] = 300;
    net.transfer[0] = 30;
    net.transfer[1] = -10;
    net.transfer[2] = -25;
    net.transfer[3] = 5;
    find(&net);
    assert_int_equal(net.blocks.n_blocks, 3);
    const int want[] = {0, 0, 1, 1, 2};
    for (int i = 0; i < 5; i++) assert_int_equal(net.blocks.block[i], want[i]);
    CHECK_NEAR(net.blocks.transfer[0], 30 - 5, 1e-12);
    CHECK_NEAR(net.blocks.transfer[1], -10 - 15, 1e-12);
    CHECK_NEAR(net.blocks.transfer[2], -25 + 10, 1e-12);
    CHECK_NEAR(net.blocks.transfer[3], 5 + 10, 1e-12);
    CHECK_NEAR(net.blocks.transfer[4], 0, 1e-12);
    trade_blocks_free(&net.blocks);
}

/* 2 can sell to nobody but itself. Nothing pays for its imports unless it receives a transfer. */
static void test_who_cannot_sell_cannot_buy(void **state) {
    (void)state;
    for (int paid = 0; paid < 2; paid++) {
        net_t net;
        make(&net, 3);
        join_both(&net, 0, 1);
        join(&net, 0, 2);
        net.transfer[2] = paid ? 5 : -5;
        net.transfer[0] = -net.transfer[2];
        find(&net);
        assert_int_equal(net.blocks.n_blocks, paid ? 1 : 2);
        assert_int_equal(open_link(&net, 0, 2), paid);
        assert_true(open_link(&net, 2, 2) && open_link(&net, 0, 1));
        CHECK_NEAR(net.blocks.transfer[2], paid ? 5 : 0, 1e-12);
        trade_blocks_free(&net.blocks);
    }
}

/* 1 and 2 can buy from nobody outside: their sales to 0 are a gift, or end. */
static void test_who_cannot_buy_gives_or_does_not_sell(void **state) {
    (void)state;
    for (int given = 0; given < 2; given++) {
        net_t net;
        make(&net, 3);
        join_both(&net, 1, 2);
        join(&net, 1, 0);
        net.transfer[1] = given ? -7 : 4;
        net.transfer[2] = given ? 2 : 1;
        net.transfer[0] = -net.transfer[1] - net.transfer[2];
        find(&net);
        assert_int_equal(net.blocks.n_blocks, given ? 1 : 2);
        assert_int_equal(open_link(&net, 1, 0), given);
        trade_blocks_free(&net.blocks);
    }
}

/* 0 -> 1 -> 2 one way: when 2 cannot buy, 1 cannot sell any more, and then cannot buy. */
static void test_closing_goes_on(void **state) {
    (void)state;
    net_t net;
    make(&net, 3);
    join(&net, 0, 1);
    join(&net, 1, 2);
    find(&net);
    assert_int_equal(net.blocks.n_blocks, 3);
    assert_false(open_link(&net, 0, 1) || open_link(&net, 1, 2));
    trade_blocks_free(&net.blocks);
}

/* 3 buys from nobody, not even itself, and drops out; then 4, who bought from it alone, does. */
static void test_dropping_out(void **state) {
    (void)state;
    net_t net;
    make(&net, 5);
    for (int i = 0; i < 2; i++) join_both(&net, i, i + 1);
    net.links[3 * 5 + 3] = net.links[4 * 5 + 4] = 0;
    join(&net, 3, 4);
    join(&net, 4, 0);
    find(&net);
    const int want[] = {0, 0, 0, -1, -1};
    for (int i = 0; i < 5; i++) {
        assert_int_equal(net.blocks.block[i], want[i]);
        for (int j = 0; j < 5; j++)
            if (i > 2 || j > 2) assert_false(open_link(&net, i, j));
    }
    assert_int_equal(net.blocks.n_blocks, 1);
    trade_blocks_free(&net.blocks);
}

static void test_out_of_memory(void **state) {
    (void)state;
    trade_blocks_t blocks;
    mem_fail_after(0);
    assert_int_equal(trade_blocks_init(&blocks, 10), ERR_NOMEM);
    mem_fail_after(-1);
    trade_blocks_free(&blocks);
    trade_blocks_free(&blocks);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_block),
        cmocka_unit_test(test_two_blocks_balance_their_transfers),
        cmocka_unit_test(test_who_cannot_sell_cannot_buy),
        cmocka_unit_test(test_who_cannot_buy_gives_or_does_not_sell),
        cmocka_unit_test(test_closing_goes_on),
        cmocka_unit_test(test_dropping_out),
        cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
