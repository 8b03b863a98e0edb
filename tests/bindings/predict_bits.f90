! SPDX-License-Identifier: BSD-3-Clause
!
! usage: predict_bits_fortran MODEL ROWS OUT: what predict_bits.c does, on Fortran's arrays: columns in another order
! with a foreign one among them, blocks with gaps, single rows, several threads.  All must agree to the last bit.
program predict_bits
    use, intrinsic :: iso_c_binding, only: c_bool
    use, intrinsic :: iso_fortran_env, only: int64, real32, real64
    use ansatz
    implicit none
    type(az_model) :: model, copy
    type(az_scratch) :: scratch
    character(len=500) :: paths(3)
    character(len=40), allocatable :: names(:)
    real(real64), allocatable :: rows(:, :), block(:, :), wide(:, :), outputs(:, :), others(:, :), point(:)
    real(real32), allocatable :: outputs_f32(:, :), others_f32(:, :), point_f32(:)
    logical(c_bool), allocatable :: in_range(:), others_in_range(:)
    integer :: n_inputs, n_outputs, n_rows, i, j, unit, stat
    integer(int64) :: n_bytes

    do i = 1, 3
        call get_command_argument(i, paths(i))
    end do
    call model%read(paths(1))
    n_inputs = model%n_inputs()
    n_outputs = model%n_outputs()
    inquire (file=trim(paths(2)), size=n_bytes)
    n_rows = int(n_bytes / 8) / n_inputs
    allocate (rows(n_inputs, n_rows), block(n_rows, n_inputs + 1), wide(2 * n_rows + 3, 3 * (n_inputs + 1)))
    allocate (outputs(n_rows, n_outputs), others(2 * n_rows, 2 * n_outputs), point(n_outputs))
    allocate (outputs_f32(n_rows, n_outputs), others_f32(n_outputs, n_rows), point_f32(n_outputs))
    allocate (in_range(n_rows), others_in_range(n_rows), names(n_inputs + 1))
    open (newunit=unit, file=trim(paths(2)), access='stream', form='unformatted', status='old')
    read (unit) rows
    close (unit)

    ! The last input first, then a column that the model does not know.
    names(2) = 'foreign'
    block(:, 2) = -1
    do j = 1, n_inputs
        names(place(j)) = model%input_name(j)
        block(:, place(j)) = rows(j, :)
    end do
    call model%bind(names)
    copy = model
    call model%predict(block, outputs, scratch, in_range)
    call model%predict(real(block, real32), outputs_f32, scratch)

    wide = 0
    wide(3:2 * n_rows + 1:2, 2:3 * (n_inputs + 1):3) = block
    call copy%predict(wide(3:2 * n_rows + 1:2, 2:3 * (n_inputs + 1):3), others(::2, 2::2), in_range=others_in_range)
    call check(all(same(others(::2, 2::2), outputs)) .and. all(others_in_range .eqv. in_range), 'strides')
    call copy%predict(block(n_rows:1:-1, :), others(2 * n_rows - 1:1:-2, ::2), scratch)
    call check(all(same(others(::2, ::2), outputs)), 'rows from the last to the first')
    if (n_outputs == 1) then
        call model%predict(block, others(::2, 1), scratch)
        call check(all(same(others(::2, 1), outputs(:, 1))), 'one output')
        call model%predict(real(block, real32), others_f32(1, :), scratch)
        call check(all(same(real(others_f32(1, :), real64), real(outputs_f32(:, 1), real64))), 'one output, real32')
    end if
    do i = 1, n_rows
        call model%predict(block(i, :), point, scratch, others_in_range(i:i))
        call check(all(same(point, outputs(i, :))) .and. (others_in_range(i) .eqv. in_range(i)), 'one row')
        call model%predict(real(block(i, :), real32), point_f32, scratch)
        call check(all(same(real(point_f32, real64), real(outputs_f32(i, :), real64))), 'one row, real32')
    end do
    others = 0
    !$omp parallel do num_threads(3) private(scratch)
    do i = 1, n_rows
        call model%predict(block(i, :), others(i, ::2), scratch)
    end do
    !$omp end parallel do
    call check(all(same(others(:n_rows, ::2), outputs)), 'several threads')

    call mistakes()
    open (newunit=unit, file=trim(paths(3)), access='stream', form='unformatted', status='replace')
    write (unit) transpose(outputs), transpose(outputs_f32), in_range
    close (unit)

contains

    integer function place(input)
        integer, intent(in) :: input
        place = merge(1, input + 2, input == n_inputs)
    end function place

    elemental logical function same(a, b)
        real(real64), intent(in) :: a, b
        same = transfer(a, 0_int64) == transfer(b, 0_int64)
    end function same

    subroutine check(right, what)
        logical, intent(in) :: right
        character(len=*), intent(in) :: what
        if (right) return
        print '(2a)', 'FAILS: ', what
        error stop 1
    end subroutine check

    subroutine check_refused(status, text, what)
        integer, intent(in) :: status
        character(len=*), intent(in) :: text, what
        character(len=:), allocatable :: message
        message = az_message()
        call check(stat == status, what//': the status')
        call check(index(message, text) > 0, what//': '//message)
    end subroutine check_refused

    subroutine mistakes()
        type(az_model) :: none
        call none%read('no_such_model.az', stat)
        call check_refused(66, 'no_such_model.az', 'a file that is not there')
        call none%predict(block, outputs, stat=stat)
        call check_refused(64, 'no model has been read', 'no model')
        call copy%bind([character(len=8) :: 'foreign', 'other'], stat)
        call check_refused(65, 'the caller names none', 'a missing column')
        call copy%predict(block(:, :n_inputs), outputs, stat=stat)
        call check_refused(64, 'columns', 'too few columns')
        call copy%predict(block, outputs, in_range=in_range(:1), stat=stat)
        call check_refused(64, 'in_range', 'in_range too short')
        call copy%predict(real(block, real32), others_f32, stat=stat)
        call check_refused(64, 'rows of', 'outputs transposed')
        call copy%predict(block(:0, :), outputs(:0, :), stat=stat)
        call check(stat == 0, 'no rows')
        call check(len(copy%input_name(0)) == 0, 'an input that there is not')
        call check(same(copy%input_level(1, 'no such level'), -1.0_real64), 'an unknown level')
    end subroutine mistakes
end program predict_bits
